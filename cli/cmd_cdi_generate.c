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
    bool has_no_view;
    bool has_no_library_path;
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
    { OPT_FLAG,                                                          0, "no-view", NULL, "name the driver's files one by one in an output file, too",
     AT(has_no_view), NULL },
    { OPT_FLAG,         0, "no-library-path", NULL,
     "leave LD_LIBRARY_PATH to images, of glibc 2.33 or later", AT(has_no_library_path), NULL },
    OPT_ROOT(AT(root)),
    { .type = OPT_END                                                                   },
};

/* NULL for standard output, which "-" is here as everywhere. */
static const char *file_of(const struct options *o)
{
    return o->output && strcmp(o->output, "-") != 0 ? o->output : NULL;
}

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

/* A view is only for this machine, and for a file that says where it is and keeps it. */
static void
fill_recipe(struct nvb_cdi_recipe *recipe, const struct nvb_host *host, const struct options *o)
{
    *recipe = (struct nvb_cdi_recipe){
        .profile = dup_or_null(o->profile),
        .vendor = dup_or_null(o->vendor),
        .capabilities = dup_or_null(o->capabilities),
        .version = dup_or_null(o->version),
        .has_no_all = o->has_no_all,
        .has_no_nvml = o->has_no_nvml,
        .has_view = host->is_live && file_of(o) && !o->has_no_view,
        .has_no_library_path = o->has_no_library_path,
        .is_yaml = is_yaml(o),
    };
    nvb_strv_copy(&recipe->strategies, &o->strategies);
}

/* The specification and, beside it, how it was asked for: `cdi check` and `cdi refresh` read that. */
static bool write_files(const struct nvb_host *host,
                        const struct options *o,
                        const struct nvb_cdi_recipe *recipe,
                        struct nvb_cdi_made *made,
                        struct nvb_err *err)
{
    nvb_autofree char *text = nvb_cdi_recipe_dup_text(recipe, made->spec);
    nvb_autofree char *told = nvb_cdi_recipe_to_json_text(recipe, &made->stamp);
    const struct nvb_cdi_file_text file = { .path = o->output, .spec = text, .told = told };

    cdi_files_note_view(host, &made->view, &made->notes);
    if (cdi_files_write(host, &file, &made->view, err))
        return true;
    if (made->view.name) {
        nvb_strv_add(&made->notes, "with --no-view the specification names the driver's files "
                                   "where they are, and nothing is prepared");
    }
    return false;
}

static bool
print(const struct nvb_cdi_recipe *recipe, const struct nvb_cdi_spec *spec, struct nvb_err *err)
{
    nvb_autofree char *text = nvb_cdi_recipe_dup_text(recipe, spec);

    (void)fputs(text, stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
        return nvb_fail_errno(err, NVB_D_BASE, "cannot write the specification");
    return true;
}

static bool generate(const struct options *o, struct nvb_strv *notes, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_made made = { 0 };
    bool ok = nvb_host_open(o->root ? o->root : "/", &host, err);

    if (!ok)
        return false;
    fill_recipe(&recipe, host, o);
    ok = nvb_cdi_recipe_follow(&recipe, host, &made, err) &&
         (file_of(o) ? write_files(host, o, &recipe, &made, err) : print(&recipe, made.spec, err));
    nvb_strv_copy(notes, &made.notes);
    return ok;
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
        "makes the directory when it is missing.\n"
        "\n"
        "NVIDIA's driver comes into an output file as one mount: its files are linked or copied\n"
        "into a directory of ours (root's /var/cache/nvbind, a user's ~/.cache/nvbind), where\n"
        "they stay as they are when the driver is updated. On standard output, for another tree\n"
        "and with --no-view each file is named by itself.",
    .opts = opts,
    .run = run,
};
