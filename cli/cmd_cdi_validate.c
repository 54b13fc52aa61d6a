/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cdi/spec.h"
#include "cmd.h"
#include "say.h"

enum {
    SPEC_SIZE_MAX = 16 << 20,
};

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static int tell_faults(const char *path, const struct nvb_strv *faults, bool as_json)
{
    if (as_json) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();

        nvb_json_set_str(json, "file", path);
        nvb_json_set_bool(json, "valid", false);
        nvb_json_set(json, "faults", nvb_json_new_strv(faults));
        nvb_json_print(json, stdout);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < faults->n; i++)
        say(stdout, "%s", faults->items[i]);
    return EXIT_FAILURE;
}

static int tell_good(const char *path, const struct nvb_cdi_spec *spec, bool as_json)
{
    const char *lowest = nvb_cdi_spec_lowest_version(spec);
    nvb_autofree char *would_do = NULL;

    if (as_json) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();

        nvb_json_set_str(json, "file", path);
        nvb_json_set_bool(json, "valid", true);
        nvb_json_set(json, "faults", nvb_json_new_array());
        nvb_json_set_str(json, "kind", spec->kind);
        nvb_json_set_str(json, "version", spec->version);
        nvb_json_set_str(json, "lowest_version", lowest);
        nvb_json_set_u64(json, "devices", spec->n_devices);
        nvb_json_print(json, stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(lowest, spec->version) != 0)
        would_do = nvb_xasprintf(" (%s would do)", lowest);
    say(stdout, "'%s' is a good specification: %zu device%s of %s, version %s%s", path,
        spec->n_devices, spec->n_devices == 1 ? "" : "s", spec->kind, spec->version,
        would_do ? would_do : "");
    return EXIT_SUCCESS;
}

static int validate(const char *path, bool as_json)
{
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, path, SPEC_SIZE_MAX, &text, &len, &err)) {
        nvb_while(&err, "cannot check '%s'", path);
        return cmd_complain(&err, as_json);
    }
    if (!nvb_cdi_spec_validate(text, len, path, &faults))
        return tell_faults(path, &faults, as_json);
    if (!nvb_cdi_spec_parse(text, len, path, &spec, &err))
        return cmd_complain(&err, as_json);
    return tell_good(path, spec, as_json);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return validate(words[0], o.as_json);
}

const struct cmd cmd_cdi_validate = {
    .name = "nvbind cdi validate",
    .operands = "FILE",
    .summary = "tell every fault of a specification, with its line",
    .opts = opts,
    .run = run,
};
