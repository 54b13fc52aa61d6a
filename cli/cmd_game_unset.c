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
    static const struct profile_edit edit = { .unset = nvb_game_unset };
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return profile_edit_run(&edit, words, o.as_json);
}

const struct cmd cmd_game_unset = {
    .name = "nvbind game unset",
    .operands = "GAME KEY",
    .summary = "take a setting of yours for a game back",
    .details = "What the installed table says of the game is then used again.",
    .opts = opts,
    .run = run,
};
