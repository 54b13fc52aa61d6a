/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_games.c - whatever a table of games or a configuration says, reading it ends in one or in an
 * error with its place; what was read can be laid over a profile, since it was checked. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "profile/config.h"
#include "profile/game.h"
#include "profile/setting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static void check_error(const struct nvb_err *err)
{
    if (err->n_lines == 0 || !strstr(err->lines[0], "fuzz:") || err->kind != NVB_E_INVALID)
        abort();
}

static struct nvb_toml *parse(const uint8_t *data, size_t size)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    return nvb_toml_parse((const char *)data, size, "fuzz", &doc, &err) ? doc : NULL;
}

static void read_config(const struct nvb_toml *doc)
{
    nvb_auto_config config = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_config_read(doc, &config, &err)) {
        check_error(&err);
        return;
    }
    for (const struct nvb_config_shelf *s = nvb_config_shelves; s->profiles; s++) {
        const struct nvb_toml_value *tables = nvb_config_get_profiles(doc, s);

        for (size_t i = 0; tables && i < tables->table.n; i++) {
            if (tables->table.values[i]->type != NVB_TOML_TABLE)
                abort();
        }
    }
}

static void apply(const struct nvb_games *games, const char *word)
{
    nvb_autoptr(nvb_profile) profile = nvb_profile_new("fuzz", "fuzz");
    nvb_auto_err err = { 0 };

    if (!nvb_games_apply(games, word, profile, &err)) {
        nvb_err_print(&err, "fuzz_games", stderr);
        abort();
    }
    if (!profile->game)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autoptr(nvb_games) games = nvb_xcalloc(1, sizeof(*games));
    struct nvb_toml *doc = parse(data, size);
    nvb_auto_err err = { 0 };

    if (!doc)
        return 0;
    read_config(doc);
    if (!nvb_games_add(games, "fuzz", doc, &err)) {
        check_error(&err);
        return 0;
    }
    for (size_t i = 0; i < games->n; i++) {
        const struct nvb_game *game = &games->items[i];

        apply(games, game->id);
        for (size_t k = 0; k < game->steam.n; k++)
            apply(games, game->steam.items[k]);
        for (size_t k = 0; k < game->executables.n; k++)
            apply(games, game->executables.items[k]);
        (void)nvb_games_get_profile(games, game->id);
    }
    return 0;
}
