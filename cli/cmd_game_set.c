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
    static const struct profile_edit edit = { .set = nvb_game_set };
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return profile_edit_run(&edit, words, o.as_json);
}

const struct cmd cmd_game_set = {
    .name = "nvbind game set",
    .operands = "GAME KEY VALUE",
    .summary = "change what a game needs",
    .details =
        "GAME is a name of nvbind game list, a Steam app id, or NAME.exe; ~/.config/nvbind/games.toml gets\\n"
        "the setting. It beats the profile, and --set beats it.",
    .opts = opts,
    .run = run,
};
