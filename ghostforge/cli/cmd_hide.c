/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "library_open.h"
#include "say.h"

static bool set_hidden(const char *word, bool is_hidden, struct nvb_err *err)
{
    g_autoptr(GfStore) store = NULL;
    g_autoptr(GPtrArray) games = NULL;
    const GfGame *game = NULL;

    if (!library_open(GF_STORE_WRITE, NULL, &store, err) ||
        !library_find(store, word, &games, &game, err) ||
        !gf_store_set_hidden(store, game->id, is_hidden, err))
        return false;
    say(stdout, is_hidden ? "'%s' is hidden" : "'%s' is shown", game->slug);
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    char **words = NULL;
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &words, &status))
        return status;
    if (!set_hidden(words[0], cmd == &cmd_hide, &err))
        return cmd_complain(&err, false);
    return EXIT_SUCCESS;
}

const struct cmd cmd_hide = {
    .name = "ghostforge hide",
    .operands = "GAME",
    .summary = "leave a game out of the list, also when it is imported again",
    .opts = opt_none,
    .run = run,
};

const struct cmd cmd_unhide = {
    .name = "ghostforge unhide",
    .operands = "GAME",
    .summary = "put a hidden game back into the list",
    .opts = opt_none,
    .run = run,
};
