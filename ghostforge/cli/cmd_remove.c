/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "library_open.h"
#include "say.h"

/* NULL when the next import would not bring it back. */
static const GfEntry *find_importable(const GfGame *game)
{
    for (guint i = 0; i < game->entries->len; i++) {
        const GfEntry *entry = g_ptr_array_index(game->entries, i);

        if (strcmp(entry->source, GF_SOURCE_MANUAL) != 0 && entry->state != GF_STATE_GONE)
            return entry;
    }
    return NULL;
}

static bool forget(const char *word, struct nvb_err *err)
{
    g_autoptr(GfStore) store = NULL;
    g_autoptr(GPtrArray) games = NULL;
    const GfGame *game = NULL;
    const GfEntry *entry = NULL;

    if (!library_open(GF_STORE_WRITE, NULL, &store, err) ||
        !library_find(store, word, &games, &game, err))
        return false;
    entry = find_importable(game);
    if (entry) {
        nvb_fail(err, NVB_D_GAMES, NVB_E_CONFLICT,
                 "'%s' is of %s, and the next import would bring it back", game->slug,
                 entry->source);
        return nvb_hint(err, "ghostforge hide %s", game->slug);
    }
    if (!gf_store_remove_game(store, game->id, err))
        return false;
    say(stdout, "'%s' is forgotten; its files are where they were", game->slug);
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    char **words = NULL;
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &words, &status))
        return status;
    if (!forget(words[0], &err))
        return cmd_complain(&err, false);
    return EXIT_SUCCESS;
}

const struct cmd cmd_remove = {
    .name = "ghostforge remove",
    .operands = "GAME",
    .summary = "forget a game that was added by hand, or that is gone",
    .details =
        "No file of the game is touched. What another program still lists is hidden instead, with\n"
        "'ghostforge hide'.",
    .opts = opt_none,
    .run = run,
};
