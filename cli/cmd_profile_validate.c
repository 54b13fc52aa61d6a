/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "nvbind/profile.h"
#include "profile/effect.h"
#include "say.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

/* What a good file may ask for in vain. */
static struct nvb_strv collect_warnings(const struct nvb_profile *p)
{
    nvb_auto_effects effects = { 0 };
    struct nvb_strv warnings = { 0 };

    nvb_effects_make(p, p->has_frame_times, &effects);
    for (size_t i = 0; i < effects.n; i++) {
        const struct nvb_effect *e = &effects.items[i];

        if (e->kind == NVB_EFFECT_VARIABLE && !e->variable) {
            nvb_strv_addf(&warnings, "'%s' has no known reader", e->name);
        } else if (e->kind == NVB_EFFECT_REFUSED && e->name) {
            nvb_strv_addf(&warnings, "'%s=%s' will not be emitted: %s", e->name, e->value,
                          e->reason);
        } else if (e->kind == NVB_EFFECT_REFUSED) {
            nvb_strv_addf(&warnings, "'%s' will be left out: %s", e->settings, e->reason);
        }
    }
    return warnings;
}

static int validate(const char *path, bool as_json)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_auto_strv warnings = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_profile_read_file(path, &profile, &err)) {
        nvb_while(&err, "cannot accept '%s' as a profile", path);
        return cmd_complain(&err, as_json);
    }
    warnings = collect_warnings(profile);
    if (as_json) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();

        nvb_json_set_str(json, "name", profile->name);
        nvb_json_set_bool(json, "valid", true);
        nvb_json_set(json, "warnings", nvb_json_new_strv(&warnings));
        nvb_json_print(json, stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < warnings.n; i++)
        say(stderr, "warning: %s", warnings.items[i]);
    say(stdout, "'%s' is a good profile", profile->name);
    return EXIT_SUCCESS;
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

const struct cmd cmd_profile_validate = {
    .name = "nvbind profile validate",
    .operands = "FILE",
    .summary = "tell the first fault of a profile, with its place, and useless variables",
    .opts = opts,
    .run = run,
};
