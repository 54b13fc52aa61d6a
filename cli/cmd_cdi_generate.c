/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdi_files.h"
#include "cmd.h"
#include "host/host.h"
#include "resolve/cdi_recipe.h"
#include "say.h"

struct options {
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

#define AT(field) offsetof(struct options, field)

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
    OPT_ROOT(AT(root)),
    { .type = OPT_END                                                         },
};

static char *dup_or_null(const char *s)
{
    return s ? nvb_xstrdup(s) : NULL;
}

static bool is_yaml(const struct options *o)
{
    if (o->format)
        return strcmp(o->format, "yaml") == 0;
    return o->output && (nvb_has_suffix(o->output, ".yaml") || nvb_has_suffix(o->output, ".yml"));
}

static void fill_recipe(struct nvb_cdi_recipe *recipe, const struct options *o)
{
    *recipe = (struct nvb_cdi_recipe){
        .profile = dup_or_null(o->profile),
        .vendor = dup_or_null(o->vendor),
        .capabilities = dup_or_null(o->capabilities),
        .version = dup_or_null(o->version),
        .has_no_all = o->has_no_all,
        .has_no_nvml = o->has_no_nvml,
        .is_yaml = is_yaml(o),
    };
    nvb_strv_copy(&recipe->strategies, &o->strategies);
}

static bool generate(const struct options *o, struct nvb_strv *notes, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_stamp stamp = { 0 };
    nvb_autofree char *text = NULL;
    nvb_autofree char *told = NULL;

    fill_recipe(&recipe, o);
    if (!nvb_host_open(o->root ? o->root : "/", &host, err) ||
        !nvb_cdi_recipe_follow(&recipe, host, &spec, &stamp, notes, err))
        return false;
    text = nvb_cdi_recipe_dup_text(&recipe, spec);
    if (o->output) {
        told = nvb_cdi_recipe_to_json_text(&recipe, &stamp);
        return cdi_files_write(o->output, text, told, err);
    }
    (void)fputs(text, stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
        return nvb_fail_errno(err, NVB_D_BASE, "cannot write the specification");
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, NULL, &status) && !generate(&o, &notes, &err)) {
        nvb_while(&err, "cannot generate a specification");
        status = cmd_complain(&err, false);
    }
    for (size_t i = 0; i < notes.n; i++)
        say(stderr, "nvbind: %s", notes.items[i]);
    nvb_strv_clear(&o.strategies);
    return status;
}

const struct cmd cmd_cdi_generate = {
    .name = "nvbind cdi generate",
    .summary = "write the specification of this machine's GPUs",
    .details =
        "The specification has no hooks and no device numbers, so it stays good over a reboot and\n"
        "needs no program of ours when a container starts. Put it into /etc/cdi or /run/cdi; --output\n"
        "makes the directory when it is missing.",
    .opts = opts,
    .run = run,
};
