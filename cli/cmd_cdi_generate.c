/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd.h"
#include "host/driver_files.h"
#include "host/gpu.h"
#include "host/host.h"
#include "host/nvml.h"
#include "host/wsl.h"
#include "resolve/cdi_generate.h"

struct generate_options {
    const char *profile;
    const char *vendor;
    const char *capabilities;
    struct nvb_strv strategies;
    const char *format;
    const char *output;
    const char *version;
    const char *root;
    bool has_no_all;
    bool has_no_nvml;
};

static const char *const profile_words[] = { "base", "gaming", "aiml", NULL };
static const char *const vendor_words[] = { "nvidia", "amd", "intel", NULL };
static const char *const strategy_words[] = { "index", "uuid", "type-index", NULL };
static const char *const format_words[] = { "json", "yaml", NULL };

#define AT(field) offsetof(struct generate_options, field)

static const struct opt opts[] = {
    {OPT_STRING,                                                               0, "profile", "NAME",
     "base, gaming (adds 32 bit, DLSS; no card nodes) or aiml (compute only)", AT(profile),
     profile_words },
    { OPT_STRING,                                                               0, "vendor", "NAME",
     "nvidia, amd or intel; else the first of these that is there", AT(vendor), vendor_words },
    { OPT_STRING, 0, "capabilities", "LIST",
     "NVIDIA_DRIVER_CAPABILITIES' words: compute,utility,graphics...", AT(capabilities), NULL },
    { OPT_LIST,                                                            0, "device-name-strategy", "HOW",
     "index, uuid or type-index; may repeat; else index and uuid", AT(strategies),
     strategy_words },
    { OPT_STRING,                                                              0, "format", "HOW", "json or yaml; else by the name of the output file",
     AT(format), format_words },
    { OPT_STRING,                                                                'o', "output", "FILE", "write this file at once instead of standard output",
     AT(output), NULL },
    { OPT_STRING,            0, "cdi-version", "V", "write for this version; else the lowest that fits",
     AT(version), NULL },
    { OPT_FLAG,                                                            0, "no-all-device", NULL, "leave out the merged device 'all'", AT(has_no_all),
     NULL },
    { OPT_FLAG,                                                              0, "no-nvml", NULL,
     "ask the kernel alone: no UUIDs of MIG devices, no word of a lost GPU", AT(has_no_nvml),
     NULL },
    { OPT_STRING,                                                          0, "root", "DIR", "look at this tree instead of the machine", AT(root), NULL },
    { .type = OPT_END        },
};

static enum nvb_gpu_vendor vendor_of(const char *word)
{
    static const enum nvb_gpu_vendor vendors[] = { NVB_GPU_NVIDIA, NVB_GPU_AMD, NVB_GPU_INTEL };

    for (size_t i = 0; word && vendor_words[i]; i++) {
        if (strcmp(vendor_words[i], word) == 0)
            return vendors[i];
    }
    return 0;
}

static unsigned naming_of(const struct nvb_strv *strategies)
{
    unsigned naming = 0;

    for (size_t i = 0; i < strategies->n; i++) {
        for (unsigned k = 0; strategy_words[k]; k++)
            naming |= strcmp(strategy_words[k], strategies->items[i]) == 0 ? 1U << k : 0;
    }
    return naming;
}

static bool is_yaml(const struct generate_options *o)
{
    if (o->format)
        return strcmp(o->format, "yaml") == 0;
    return o->output && (nvb_has_suffix(o->output, ".yaml") || nvb_has_suffix(o->output, ".yml"));
}

static bool set_version(struct nvb_cdi_spec *spec, const char *wanted, struct nvb_err *err)
{
    const char *lowest = nvb_cdi_spec_lowest_version(spec);

    if (!wanted)
        return true;
    if (nvb_cdi_version_rank(wanted) < 0) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "there is no CDI version '%s'", wanted);
        return nvb_hint(err, "use one from 0.3.0 to 1.1.0");
    }
    if (nvb_cdi_version_rank(wanted) < nvb_cdi_version_rank(lowest)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                 "this specification needs CDI version %s, which '%s' is below", lowest, wanted);
        return nvb_hint(err, "leave --cdi-version out, or name devices by uuid alone");
    }
    free(spec->version);
    spec->version = nvb_xstrdup(wanted);
    return true;
}

static bool
write_out(const struct nvb_cdi_spec *spec, const struct generate_options *o, struct nvb_err *err)
{
    nvb_autofree char *text =
        is_yaml(o) ? nvb_cdi_spec_dup_yaml(spec) : nvb_cdi_spec_dup_json(spec);

    if (o->output)
        return nvb_write_file(AT_FDCWD, o->output, text, strlen(text), 0644, err);
    (void)fputs(text, stdout);
    if (!nvb_has_suffix(text, "\n"))
        (void)putchar('\n');
    if (fflush(stdout) != 0 || ferror(stdout))
        return nvb_fail_errno(err, NVB_D_BASE, "cannot write the specification");
    return true;
}

static bool has_nvidia_driver(const struct nvb_gpus *gpus)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (strcmp(gpus->items[i].driver, "nvidia") == 0)
            return true;
    }
    return false;
}

/* NVML alone knows the UUIDs of MIG devices, which have graphics, and which GPU is lost. */
static void ask_nvml(const struct nvb_host *host, struct nvb_gpus *gpus, struct nvb_strv *notes)
{
    struct nvb_nvml *nvml = NULL;
    struct nvb_nvml_facts facts = { 0 };
    nvb_auto_err err = { 0 };

    if (!has_nvidia_driver(gpus) || !nvb_nvml_is_allowed(host))
        return;
    if (nvb_nvml_open(host, &nvml, &err) && nvb_nvml_read(nvml, &facts, &err)) {
        nvb_gpus_add_nvml(gpus, &facts);
    } else {
        nvb_strv_addf(notes, "%s; UUIDs of MIG devices and lost GPUs are unknown", err.lines[0]);
    }
    nvb_nvml_close(nvml);
    nvb_nvml_facts_clear(&facts);
}

/* What to describe, and that described. On WSL2 the GPUs are Windows'. */
static bool describe(const struct nvb_host *host,
                     const struct nvb_cdi_wishes *wishes,
                     bool has_no_nvml,
                     struct nvb_cdi_spec **out_spec,
                     struct nvb_strv *notes,
                     struct nvb_err *err)
{
    nvb_auto_wsl wsl = { 0 };
    nvb_auto_driver_files files = { 0 };
    struct nvb_gpus gpus = { 0 };
    bool is_nvidia = !wishes->vendor || wishes->vendor == NVB_GPU_NVIDIA;
    bool ok = true;

    if (!nvb_wsl_find(host, &wsl, err))
        return false;
    if (wsl.is_wsl && is_nvidia)
        return nvb_cdi_generate_wsl(&wsl, wishes, out_spec, err);
    ok = nvb_gpus_find(host, &gpus, err);
    if (ok && is_nvidia && !has_no_nvml)
        ask_nvml(host, &gpus, notes);
    ok = ok && (!is_nvidia || nvb_driver_files_find(host, &files, err)) &&
         nvb_cdi_generate(&gpus, &files, wishes, out_spec, notes, err);
    nvb_gpus_clear(&gpus);
    return ok;
}

/* host > gpus, files > specification > file */
static bool generate(const struct generate_options *o, struct nvb_strv *notes, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_strv env = { 0 };
    struct nvb_cdi_wishes wishes = {
        .vendor = vendor_of(o->vendor),
        .naming = naming_of(&o->strategies),
        .has_all = !o->has_no_all,
        .env = &env,
    };

    if (!nvb_cdi_wishes_set_profile(&wishes, o->profile ? o->profile : "base", &env, err) ||
        (o->capabilities &&
         !nvb_driver_capabilities_parse(o->capabilities, &wishes.capabilities, err)) ||
        !nvb_host_open(o->root ? o->root : "/", &host, err))
        return false;
    wishes.host = host;
    return describe(host, &wishes, o->has_no_nvml, &spec, notes, err) &&
           set_version(spec, o->version, err) && write_out(spec, o, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct generate_options o = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    int rest = 0;
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, &rest, &status)) {
        status = EXIT_SUCCESS;
        if (rest < argc) {
            nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is one word too many", argv[rest]);
            status = cmd_complain(&err, false);
        } else if (!generate(&o, &notes, &err)) {
            nvb_while(&err, "cannot generate a specification");
            status = cmd_complain(&err, false);
        }
        for (size_t i = 0; i < notes.n; i++)
            (void)fprintf(stderr, "nvbind: %s\n", notes.items[i]);
    }
    nvb_strv_clear(&o.strategies);
    return status;
}

const struct cmd cmd_cdi_generate = {
    .name = "generate",
    .synopsis = "cdi generate [OPTION]...",
    .summary = "write the specification of this machine's GPUs",
    .details =
        "The specification has no hooks and no device numbers, so it stays good over a reboot and\n"
        "needs no program of ours when a container starts. Put it into /etc/cdi or /run/cdi.",
    .opts = opts,
    .run = run,
};
