/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "group.h"

static const struct cmd *const subcommands[] = {
    &cmd_game_list, &cmd_game_set, &cmd_game_show, &cmd_game_unset, NULL,
};

const struct cmd cmd_game = {
    .name = "nvbind game",
    .summary = "list and change what single games need",
    .details =
        "Tables of games say which settings a game needs beside its profile: the installed one, then\n"
        "/etc/nvbind/games.toml, then ~/.config/nvbind/games.toml, each over those before it.\n"
        "nvbind run --game uses them.",
    .opts = opt_none,
    .run = group_run,
    .subcommands = subcommands,
};
