/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/game.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dirs.h"
#include "profile/setting.h"

enum {
    FORMAT = 1, /* of the tables that this version reads */
};

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

/* A table that is read. */
struct reader {
    const struct nvb_toml *doc;
    const char *path;
    struct nvb_err *err;
};

static const char *const game_keys[] = { "title", "steam",  "executables", "profile",
                                         "why",   "source", "settings",    NULL };
static const char *const top_keys[] = { "format", "version", "game", NULL };

static bool fail_key(const struct reader *r,
                     const struct nvb_toml_value *value,
                     const char *what,
                     const char *key,
                     const char *const *known)
{
    const char *near = nvb_nearest(key, known);
    nvb_auto_strv names = { 0 };
    nvb_autofree char *list = NULL;

    for (; *known; known++)
        nvb_strv_add(&names, *known);
    list = nvb_strv_join(&names, ", ");
    nvb_toml_fail_at_key(r->doc, value, NVB_D_PROFILE, r->err, "%s has no key '%s'", what, key);
    return near ? nvb_hint(r->err, "did you mean '%s'?", near)
                : nvb_hint(r->err, "use one of: %s", list);
}

static bool fail_type(const struct reader *r, const struct nvb_toml_value *value, const char *want)
{
    return nvb_toml_fail_at(r->doc, value, NVB_D_PROFILE, r->err, "expected %s, not %s %s", want,
                            strchr("ai", *nvb_toml_type_name(value->type)) ? "an" : "a",
                            nvb_toml_type_name(value->type));
}

static bool read_text(const struct reader *r, const struct nvb_toml_value *value, char **out)
{
    if (value->type != NVB_TOML_STRING)
        return fail_type(r, value, "a string");
    for (size_t i = 0; i < value->string.len; i++) {
        if ((unsigned char)value->string.text[i] < 0x20 || value->string.text[i] == 0x7f)
            return nvb_toml_fail_at(r->doc, value, NVB_D_PROFILE, r->err,
                                    "expected text of one line");
    }
    free(*out);
    *out = nvb_xstrdup(value->string.text);
    return true;
}

static bool
read_steam(const struct reader *r, const struct nvb_toml_value *value, struct nvb_strv *out)
{
    if (value->type != NVB_TOML_ARRAY)
        return fail_type(r, value, "an array of Steam app ids");
    for (size_t i = 0; i < value->array.n; i++) {
        const struct nvb_toml_value *item = value->array.items[i];

        if (item->type != NVB_TOML_INTEGER)
            return fail_type(r, item, "a Steam app id");
        if (item->integer < 1 || item->integer > UINT32_MAX) {
            return nvb_toml_fail_at(r->doc, item, NVB_D_PROFILE, r->err,
                                    "expected a Steam app id, a number from 1 to 4294967295");
        }
        nvb_strv_addf(out, "%lld", (long long)item->integer);
    }
    return true;
}

static bool
read_executables(const struct reader *r, const struct nvb_toml_value *value, struct nvb_strv *out)
{
    if (value->type != NVB_TOML_ARRAY)
        return fail_type(r, value, "an array of file names");
    for (size_t i = 0; i < value->array.n; i++) {
        const struct nvb_toml_value *item = value->array.items[i];
        nvb_autofree char *text = NULL;

        if (!read_text(r, item, &text))
            return false;
        if (!*text || strpbrk(text, "/\\")) {
            return nvb_toml_fail_at(r->doc, item, NVB_D_PROFILE, r->err,
                                    "expected the name of a file, without a folder");
        }
        nvb_strv_add(out, text);
    }
    return true;
}

/* Whatever the settings say must be what a profile may say. */
static bool
read_settings(const struct reader *r, const struct nvb_toml_value *value, struct nvb_game *game)
{
    const struct nvb_setting_place place = { NVB_LAYER_GAME, r->path };
    nvb_autoptr(nvb_profile) scratch = NULL;

    if (value->type != NVB_TOML_TABLE)
        return fail_type(r, value, "a table");
    scratch = nvb_profile_new("", "");
    game->settings = value;
    return nvb_settings_read(r->doc, value, &place, scratch, r->err);
}

static bool read_key(const struct reader *r,
                     const char *key,
                     const struct nvb_toml_value *value,
                     struct nvb_game *game)
{
    if (strcmp(key, "title") == 0)
        return read_text(r, value, &game->title);
    if (strcmp(key, "steam") == 0)
        return read_steam(r, value, &game->steam);
    if (strcmp(key, "executables") == 0)
        return read_executables(r, value, &game->executables);
    if (strcmp(key, "profile") == 0)
        return read_text(r, value, &game->profile);
    if (strcmp(key, "why") == 0)
        return read_text(r, value, &game->why);
    if (strcmp(key, "source") == 0)
        return read_text(r, value, &game->source);
    if (strcmp(key, "settings") == 0)
        return read_settings(r, value, game);
    return fail_key(r, value, "a game", key, game_keys);
}

/* "duck-game": no blank, nothing that looks like an option, a number or a path. */
static bool is_id(const char *id, size_t len)
{
    return len > 0 && len <= 64 && isalpha((unsigned char)*id) &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static bool read_game(const struct reader *r,
                      const char *id,
                      size_t len,
                      const struct nvb_toml_value *table,
                      struct nvb_games *games)
{
    struct nvb_game *game = NULL;

    if (table->type != NVB_TOML_TABLE)
        return fail_type(r, table, "a table");
    if (!is_id(id, len)) {
        nvb_toml_fail_at_key(r->doc, table, NVB_D_PROFILE, r->err, "this is no name for a game");
        return nvb_hint(r->err, "begin with a letter, then letters, digits, '_' and '-'");
    }
    games->items = nvb_xrealloc(games->items, games->n + 1, sizeof(*games->items));
    game = &games->items[games->n++];
    *game = (struct nvb_game){
        .id = nvb_xstrdup(id), .doc = r->doc, .path = r->path, .line = table->line
    };
    for (size_t i = 0; i < table->table.n; i++) {
        if (!read_key(r, table->table.keys[i], table->table.values[i], game))
            return false;
    }
    return true;
}

static bool read_format(const struct reader *r, const struct nvb_toml_value *value)
{
    if (value->type != NVB_TOML_INTEGER)
        return fail_type(r, value, "a whole number");
    if (value->integer == FORMAT)
        return true;
    nvb_toml_fail_at(r->doc, value, NVB_D_PROFILE, r->err,
                     "format %lld of tables of games is not known", (long long)value->integer);
    return nvb_hint(r->err, "this version reads format %d", FORMAT);
}

static bool read_top(const struct reader *r, struct nvb_games *games, char **out_version)
{
    const struct nvb_toml_value *top = nvb_toml_root(r->doc);

    for (size_t i = 0; i < top->table.n; i++) {
        const char *key = top->table.keys[i];
        const struct nvb_toml_value *value = top->table.values[i];

        if (strcmp(key, "format") == 0) {
            if (!read_format(r, value))
                return false;
        } else if (strcmp(key, "version") == 0) {
            if (!read_text(r, value, out_version))
                return false;
        } else if (strcmp(key, "game") != 0) {
            return fail_key(r, value, "a table of games", key, top_keys);
        } else if (value->type != NVB_TOML_TABLE) {
            return fail_type(r, value, "a table");
        }
    }
    top = nvb_toml_get(top, "game");
    for (size_t i = 0; top && i < top->table.n; i++) {
        if (!read_game(r, top->table.keys[i], top->table.key_lens[i], top->table.values[i], games))
            return false;
    }
    return true;
}

bool nvb_games_add(struct nvb_games *games,
                   const char *path,
                   struct nvb_toml *take_doc,
                   struct nvb_err *err)
{
    struct nvb_games_file *file = NULL;

    games->files = nvb_xrealloc(games->files, games->n_files + 1, sizeof(*games->files));
    file = &games->files[games->n_files++];
    *file = (struct nvb_games_file){ .path = nvb_xstrdup(path), .doc = take_doc };
    return read_top(&(struct reader){ take_doc, file->path, err }, games, &file->version);
}

char *nvb_games_dup_own_path(void)
{
    nvb_autofree char *config = nvb_dir_dup_config();

    return nvb_xasprintf("%s/games.toml", config);
}

static bool load_file(struct nvb_games *games, const char *path, struct nvb_err *err)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err own = { 0 };

    if (nvb_toml_read_file(path, &doc, &own))
        return nvb_games_add(games, path, doc, err);
    if (own.sys_errno == ENOENT || own.sys_errno == ENOTDIR)
        return true;
    *err = own; /* moved */
    own = (struct nvb_err){ 0 };
    return false;
}

bool nvb_games_load(struct nvb_games **out_games, struct nvb_err *err)
{
    nvb_autofree char *data = nvb_dir_dup_data();
    nvb_autofree char *installed = nvb_xasprintf("%s/games.toml", data);
    nvb_autofree char *own = nvb_games_dup_own_path();
    nvb_autoptr(nvb_games) games = nvb_xcalloc(1, sizeof(*games));

    if (!load_file(games, installed, err) || !load_file(games, "/etc/nvbind/games.toml", err) ||
        !load_file(games, own, err))
        return nvb_while(err, "cannot read what games need");
    *out_games = nvb_steal(&games);
    return true;
}

void nvb_games_free(struct nvb_games *games)
{
    if (!games)
        return;
    for (size_t i = 0; i < games->n; i++) {
        free(games->items[i].id);
        free(games->items[i].title);
        free(games->items[i].profile);
        free(games->items[i].why);
        free(games->items[i].source);
        nvb_strv_clear(&games->items[i].steam);
        nvb_strv_clear(&games->items[i].executables);
    }
    for (size_t i = 0; i < games->n_files; i++) {
        free(games->files[i].path);
        free(games->files[i].version);
        nvb_toml_free(games->files[i].doc);
    }
    free(games->items);
    free(games->files);
    free(games);
}

/* Behind the last slash of either kind: a Windows program may be named by its own path. */
static const char *file_name_of(const char *word)
{
    const char *name = word;

    for (; *word; word++) {
        if (*word == '/' || *word == '\\')
            name = word + 1;
    }
    return name;
}

static bool is_named(const struct nvb_game *game, const char *word)
{
    const char *app = nvb_has_prefix(word, "steam:") ? word + strlen("steam:") : word;
    const char *file = file_name_of(word);

    if (strcmp(game->id, word) == 0 || nvb_strv_has(&game->steam, app))
        return true;
    for (size_t i = 0; i < game->executables.n; i++) {
        if (strcasecmp(game->executables.items[i], file) == 0)
            return true;
    }
    return false;
}

bool nvb_games_is_about(const struct nvb_games *games,
                        const struct nvb_game *game,
                        const char *word)
{
    for (size_t i = 0; i < games->n; i++) {
        if (is_named(&games->items[i], word) && strcmp(games->items[i].id, game->id) == 0)
            return true;
    }
    return false;
}

const char *nvb_games_get_profile(const struct nvb_games *games, const char *word)
{
    const char *profile = NULL;

    for (size_t i = 0; i < games->n; i++) {
        if (games->items[i].profile && nvb_games_is_about(games, &games->items[i], word))
            profile = games->items[i].profile;
    }
    return profile;
}

static bool may_be_absent(const char *word)
{
    size_t len = strlen(word);
    const char *app = nvb_has_prefix(word, "steam:") ? word + strlen("steam:") : word;

    return (*app && !app[strspn(app, "0123456789")]) || strpbrk(word, "/\\") ||
           (len > 4 && strcasecmp(word + len - 4, ".exe") == 0);
}

static bool fail_absent(const struct nvb_games *games, const char *word, struct nvb_err *err)
{
    nvb_auto_strv ids = { 0 };
    const char *near = NULL;

    for (size_t i = 0; i < games->n; i++)
        nvb_strv_add(&ids, games->items[i].id);
    near = ids.n ? nvb_nearest(word, (const char *const *)ids.items) : NULL;
    nvb_fail(err, NVB_D_PROFILE, NVB_E_NOT_FOUND, "no table of games has '%s'", word);
    if (near)
        return nvb_hint(err, "did you mean '%s'?", near);
    return nvb_hint(err,
                    "nvbind game list has the names; a Steam app id or NAME.exe is always taken");
}

bool nvb_games_apply(const struct nvb_games *games,
                     const char *word,
                     struct nvb_profile *profile,
                     struct nvb_err *err)
{
    bool is_known = false;

    for (size_t i = 0; i < games->n; i++) {
        const struct nvb_game *game = &games->items[i];
        const struct nvb_setting_place place = { NVB_LAYER_GAME, game->path };

        if (!nvb_games_is_about(games, game, word))
            continue;
        is_known = true;
        if (game->title || !profile->game) {
            free(profile->game);
            profile->game = nvb_xstrdup(game->title ? game->title : game->id);
        }
        if (game->settings && !nvb_settings_read(game->doc, game->settings, &place, profile, err))
            return false;
    }
    if (!is_known && !may_be_absent(word))
        return fail_absent(games, word, err);
    if (!profile->game)
        profile->game = nvb_xstrdup(word);
    return true;
}
