/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "profile/game.h"
#include "say.h"

struct options {
    bool has_names;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 0, "names", NULL, "only the names, one a line", offsetof(struct options, has_names),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

/* A game of two tables is listed once, by what the last says. */
static bool is_last(const struct nvb_games *games, size_t i)
{
    for (size_t k = i + 1; k < games->n; k++) {
        if (strcmp(games->items[k].id, games->items[i].id) == 0)
            return false;
    }
    return true;
}

static const char *title_of(const struct nvb_games *games, const struct nvb_game *game)
{
    const char *title = game->title;

    for (size_t i = 0; i < games->n && !title; i++) {
        if (strcmp(games->items[i].id, game->id) == 0)
            title = games->items[i].title;
    }
    return title ? title : "";
}

static struct nvb_json *game_to_json(const struct nvb_games *games, const struct nvb_game *game)
{
    struct nvb_json *row = nvb_json_new_object();

    nvb_json_set_str(row, "name", game->id);
    nvb_json_set_str(row, "title", title_of(games, game));
    nvb_json_set(row, "steam", nvb_json_new_strv(&game->steam));
    nvb_json_set(row, "executables", nvb_json_new_strv(&game->executables));
    nvb_json_set_str(row, "file", game->path);
    return row;
}

static void list(const struct nvb_games *games, const struct options *o)
{
    nvb_autoptr(nvb_json) rows = nvb_json_new_array();

    for (size_t i = 0; i < games->n; i++) {
        const struct nvb_game *game = &games->items[i];

        if (!is_last(games, i))
            continue;
        if (o->as_json) {
            nvb_json_append(rows, game_to_json(games, game));
        } else if (o->has_names) {
            say(stdout, "%s", game->id);
        } else {
            say(stdout, "%-28s %s", game->id, title_of(games, game));
        }
    }
    if (o->as_json)
        nvb_json_print(rows, stdout);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    nvb_autoptr(nvb_games) games = NULL;
    struct options o = { 0 };
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    if (!nvb_games_load(&games, &err))
        return cmd_complain(&err, o.as_json);
    list(games, &o);
    return EXIT_SUCCESS;
}

const struct cmd cmd_game_list = {
    .name = "nvbind game list",
    .summary = "list the games that more is known of",
    .opts = opts,
    .run = run,
};
