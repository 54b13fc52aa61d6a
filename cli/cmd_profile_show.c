/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "profile_report.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool has_why;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 'w', "why", NULL, "tell what each setting does, who reads it, what is left out",
     offsetof(struct options, has_why), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END  },
};

static int show(const char *name, const struct options *o)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_profile_load(name, &profile, &err)) {
        nvb_while(&err, "cannot show the profile");
        return cmd_complain(&err, o->as_json);
    }
    if (!o->as_json) {
        profile_report_print(profile, o->has_why);
        return EXIT_SUCCESS;
    }
    json = profile_report_to_json(profile, o->has_why);
    nvb_json_print(json, stdout);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return show(words[0], &o);
}

const struct cmd cmd_profile_show = {
    .name = "nvbind profile show",
    .operands = "NAME",
    .summary = "show the settings of a profile, and what they do",
    .opts = opts,
    .run = run,
};
