/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "cmd.h"
#include "profile_talk.h"

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static int run(const struct cmd *cmd, int argc, char **argv)
{
    static const struct profile_edit edit = { .set = nvb_profile_set };
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return profile_edit_run(&edit, words, o.as_json);
}

const struct cmd cmd_profile_set = {
    .name = "nvbind profile set",
    .operands = "PROFILE KEY VALUE",
    .summary = "change a setting of a profile of yours",
    .details =
        "KEY is a setting (nvbind profile keys) or env.NAME, a variable. Comments in the file stay. A\\n"
        "profile of the installation is copied to ~/.config/nvbind/profiles first.",
    .opts = opts,
    .run = run,
};
