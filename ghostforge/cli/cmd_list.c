/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "game_text.h"
#include "library_open.h"
#include "say.h"

struct options {
    const char *source;
    bool is_all;
    bool is_quiet;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_STRING,                        's', "source", "SOURCE", "only games that this one knows",
     offsetof(struct options, source), gf_source_names },
    { OPT_FLAG,                         'a', "all", NULL, "hidden games and those that are gone as well",
     offsetof(struct options, is_all), NULL },
    { OPT_FLAG, 'q', "quiet", NULL, "print the names alone", offsetof(struct options, is_quiet),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END                         },
};

static bool is_known_to(const GfGame *game, const char *source)
{
    for (guint i = 0; i < game->entries->len; i++) {
        const GfEntry *entry = g_ptr_array_index(game->entries, i);

        if (strcmp(entry->source, source) == 0)
            return true;
    }
    return false;
}

static bool is_asked_for(const GfGame *game, const struct options *o)
{
    return (o->is_all || (!game->is_hidden && game->view->state != GF_STATE_GONE)) &&
           (!o->source || is_known_to(game, o->source));
}

static void keep_asked_for(GPtrArray *games, const struct options *o)
{
    guint n = 0;

    for (guint i = 0; i < games->len; i++) {
        GfGame *game = g_ptr_array_index(games, i);

        if (is_asked_for(game, o)) {
            games->pdata[n++] = game;
        } else {
            gf_game_free(game);
        }
    }
    games->len = n;
}

static void print_as_json(const GPtrArray *games)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_array();

    for (guint i = 0; i < games->len; i++)
        nvb_json_append(json, game_to_json(g_ptr_array_index(games, i), false));
    nvb_json_print(json, stdout);
}

/* The title comes last: how wide it is on a terminal is not ours to know. */
static void print_table(const GPtrArray *games)
{
    int width = sizeof("GAME") - 1;

    for (guint i = 0; i < games->len; i++)
        width = MAX(width, (int)strlen(((const GfGame *)g_ptr_array_index(games, i))->slug));
    printf("%-*s  %-8s  %-8s  %8s  %s\n", width, "GAME", "SOURCE", "STATE", "PLAYED", "TITLE");
    for (guint i = 0; i < games->len; i++) {
        const GfGame *game = g_ptr_array_index(games, i);
        g_autofree char *played = game_dup_time_text(game->view->playtime_s);

        say(stdout, "%-*s  %-8s  %-8s  %8s  %s", width, game->slug, game->view->source,
            game->is_hidden ? "hidden" : gf_state_name(game->view->state), played,
            game->view->title);
    }
}

static void print(const GPtrArray *games, const struct options *o)
{
    if (o->as_json) {
        print_as_json(games);
    } else if (o->is_quiet) {
        for (guint i = 0; i < games->len; i++)
            (void)puts(((const GfGame *)g_ptr_array_index(games, i))->slug);
    } else if (games->len > 0) {
        print_table(games);
    } else {
        (void)fprintf(stderr,
                      "ghostforge: there are no games; 'ghostforge import' looks for some\n");
    }
}

static int list(const struct options *o)
{
    g_autoptr(GfStore) store = NULL;
    g_autoptr(GPtrArray) games = NULL;
    nvb_auto_err err = { 0 };

    if (!library_open(GF_STORE_READ, NULL, &store, &err) || !gf_library_load(store, &games, &err))
        return cmd_complain(&err, o->as_json);
    keep_asked_for(games, o);
    print(games, o);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    return list(&o);
}

const struct cmd cmd_list = {
    .name = "ghostforge list",
    .summary = "list the games of the library",
    .details =
        "STATE: ready; partial when its installation is not finished; absent when its files or its\n"
        "launcher cannot be reached now; gone when nothing lists it any more; hidden.",
    .opts = opts,
    .run = run,
};
