/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* edit.c - changing profiles and what games need, in the user's own files. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "nvbind/profile.h"
#include "profile/catalog.h"
#include "profile/game.h"
#include "profile/own_file.h"
#include "profile/setting.h"

enum {
    N_KEYS = 8, /* from the root of a file to a value, at most, and a NULL */
};

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

/* One value in a file: the keys to its table, then its own. */
struct way {
    const char *keys[N_KEYS]; /* borrowed; ends with NULL */
    size_t n;
};

static void way_add(struct way *way, const char *key)
{
    if (key)
        way->keys[way->n++] = key;
    way->keys[way->n] = NULL;
}

static const struct nvb_toml_value *follow(const struct nvb_toml *doc, const struct way *way)
{
    const struct nvb_toml_value *value = nvb_toml_root(doc);

    for (size_t i = 0; i < way->n; i++)
        value = nvb_toml_get(value, way->keys[i]);
    return value;
}

/* A setting in the spelling that the file has, else in ours. */
static struct way
find_setting(const struct nvb_toml *doc, const struct way *table, const struct nvb_setting *s)
{
    struct way own = *table;

    way_add(&own, s->section);
    way_add(&own, s->key);
    if (follow(doc, &own))
        return own;
    for (const struct nvb_setting_alias *a = nvb_setting_aliases; a->key; a++) {
        struct way other = *table;

        way_add(&other, a->section);
        way_add(&other, a->key);
        if (nvb_setting_find(a->section, a->key) == s && follow(doc, &other) &&
            follow(doc, &other)->type != NVB_TOML_TABLE)
            return other;
    }
    return own;
}

static bool find_value(const struct nvb_toml *doc,
                       const struct way *table,
                       const char *key,
                       struct way *out,
                       struct nvb_err *err)
{
    const struct nvb_setting *s = nvb_setting_find_name(key);
    const char *variable = nvb_setting_variable(key);

    if (variable) {
        *out = *table;
        way_add(out, "env");
        way_add(out, variable);
        return true;
    }
    if (!s)
        return nvb_setting_fail_name(key, err);
    *out = find_setting(doc, table, s);
    return true;
}

static bool set_value(struct nvb_toml *doc,
                      const struct way *table,
                      const char *key,
                      const char *value,
                      struct nvb_err *err)
{
    const struct nvb_setting_place place = { .layer = NVB_LAYER_COMMAND };
    const struct nvb_setting *s = nvb_setting_find_name(key);
    nvb_autoptr(nvb_profile) scratch = nvb_profile_new("", "");
    struct way way = { 0 };
    uint64_t number = 0;

    if (!nvb_setting_assign_text(key, value, &place, scratch, err) ||
        !find_value(doc, table, key, &way, err))
        return false;
    if (!s || s->type == NVB_SETTING_TEXT || s->type == NVB_SETTING_WORD)
        return nvb_toml_set_str(doc, way.keys, value, err);
    if (s->type == NVB_SETTING_COUNT && nvb_parse_u64(value, INT64_MAX, &number))
        return nvb_toml_set_integer(doc, way.keys, (int64_t)number, err);
    return nvb_toml_set_bool(doc, way.keys, strcmp(value, "true") == 0, err);
}

/* Set, or without a value unset; *out_is_same when the text did not change by it. */
static bool change(struct nvb_toml *doc,
                   const struct way *table,
                   const char *key,
                   const char *value,
                   bool *out_is_same,
                   struct nvb_err *err)
{
    nvb_autofree char *before = nvb_xstrdup(nvb_toml_text(doc, NULL));
    struct way way = { 0 };

    if (value ? !set_value(doc, table, key, value, err)
              : (!find_value(doc, table, key, &way, err) || !nvb_toml_unset(doc, way.keys, err)))
        return false;
    *out_is_same = strcmp(before, nvb_toml_text(doc, NULL)) == 0;
    return true;
}

static void fill_change(struct nvb_profile_change *out,
                        const char *path,
                        const char *copied_from,
                        bool is_unchanged)
{
    if (!out)
        return;
    *out = (struct nvb_profile_change){
        .path = nvb_xstrdup(path),
        .copied_from = copied_from ? nvb_xstrdup(copied_from) : NULL,
        .is_unchanged = is_unchanged,
    };
}

/* The settings of a profile as text, for one that has no file of its own to copy. */
static bool write_settings(const struct nvb_profile *p, struct nvb_toml *doc, struct nvb_err *err)
{
    const struct way top = { 0 };

    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);
        nvb_autofree char *value = nvb_setting_dup_value(s, p);

        if (nvb_setting_origin(s, p)->source && !set_value(doc, &top, name, value, err))
            return false;
    }
    for (size_t i = 0; i < p->n_env; i++) {
        nvb_autofree char *name = nvb_xasprintf("env.%s", p->env[i].name);

        if (!set_value(doc, &top, name, p->env[i].value, err))
            return false;
    }
    return true;
}

/* Make the file's document what the entry says: its text, or the settings of its table. */
static bool copy_entry(const struct nvb_catalog_entry *entry,
                       const char *name,
                       struct nvb_own_file *file,
                       struct nvb_err *err)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    size_t len = 0;
    const char *text = nvb_toml_text(entry->doc, &len);

    if (!entry->shelf)
        return nvb_own_file_take(file, text, len, err);
    return nvb_catalog_read(name, &profile, err) && write_settings(profile, file->doc, err);
}

static void way_to_table(const struct nvb_catalog_entry *entry, const char *name, struct way *out)
{
    *out = (struct way){ 0 };
    if (!entry->shelf)
        return;
    way_add(out, entry->shelf->table);
    way_add(out, entry->shelf->profiles);
    way_add(out, name);
}

/* The lock is taken before anything is read, so that a change which waited sees the one before. */
static bool change_profile(const char *name,
                           const char *key,
                           const char *value,
                           struct nvb_profile_change *out,
                           struct nvb_err *err)
{
    nvb_auto_catalog_entry entry = { 0 };
    nvb_auto_own_file file = NVB_OWN_FILE_INIT;
    nvb_autofree char *path = NULL;
    struct way table = { 0 };
    bool is_same = false;

    if (!nvb_catalog_find(name, &entry, err))
        return false;
    path = entry.is_own ? nvb_xstrdup(entry.path) : nvb_catalog_dup_own_path(name);
    if (!nvb_own_file_open(path, &file, err))
        return false;
    if (entry.is_own)
        way_to_table(&entry, name, &table);
    else if (file.seen.st_nlink == 0 && !copy_entry(&entry, name, &file, err))
        return false;
    if (!change(file.doc, &table, key, value, &is_same, err))
        return false;
    if (!is_same && !nvb_own_file_write(&file, err))
        return false;
    fill_change(out, path, entry.is_own || is_same ? NULL : entry.path, is_same);
    return true;
}

bool nvb_profile_set(const char *name,
                     const char *key,
                     const char *value,
                     struct nvb_profile_change *out_change,
                     struct nvb_err *err)
{
    return change_profile(name, key, value, out_change, err) ||
           nvb_while(err, "cannot set '%s' of profile '%s'", key, name);
}

bool nvb_profile_unset(const char *name,
                       const char *key,
                       struct nvb_profile_change *out_change,
                       struct nvb_err *err)
{
    return change_profile(name, key, NULL, out_change, err) ||
           nvb_while(err, "cannot unset '%s' of profile '%s'", key, name);
}

static bool fill_new(struct nvb_own_file *file, const char *name, struct nvb_err *err)
{
    nvb_autofree char *text =
        nvb_xasprintf("# %s - a profile of your own. `nvbind profile keys` lists what may stand "
                      "here.\n\ndescription = \"\"\n\nperformance_level = \"balanced\"\n",
                      name);

    return nvb_own_file_take(file, text, strlen(text), err);
}

bool nvb_profile_create(const char *name,
                        const char *from,
                        struct nvb_profile_change *out_change,
                        struct nvb_err *err)
{
    nvb_auto_catalog_entry entry = { 0 };
    nvb_auto_own_file file = NVB_OWN_FILE_INIT;
    nvb_autofree char *path = NULL;

    if (!nvb_catalog_check_name(name, err) || (from && !nvb_catalog_find(from, &entry, err)))
        return false;
    path = nvb_catalog_dup_own_path(name);
    if (!nvb_own_file_open(path, &file, err))
        return false;
    if (file.seen.st_nlink > 0) {
        nvb_fail(err, NVB_D_PROFILE, NVB_E_CONFLICT, "there is a profile '%s' of yours already",
                 name);
        return nvb_hint(err, "choose another name, or remove it: nvbind profile remove %s", name);
    }
    if (!(from ? copy_entry(&entry, from, &file, err) : fill_new(&file, name, err)) ||
        !nvb_own_file_write(&file, err))
        return nvb_while(err, "cannot make the profile '%s'", name);
    fill_change(out_change, path, from ? entry.path : NULL, false);
    return true;
}

static bool
fail_remove(const struct nvb_catalog_entry *entry, const char *name, struct nvb_err *err)
{
    if (!entry->is_own) {
        nvb_fail(err, NVB_D_PROFILE, NVB_E_DENIED, "the profile '%s' is not yours: it is in '%s'",
                 name, entry->path);
        return nvb_hint(err, "remove those of your own, in ~/.config/nvbind");
    }
    nvb_fail(err, NVB_D_PROFILE, NVB_E_UNSUPPORTED, "the profile '%s' is a table of '%s'", name,
             entry->path);
    return nvb_hint(err, "delete it there, from line %u on", entry->table->line);
}

bool nvb_profile_remove(const char *name,
                        struct nvb_profile_change *out_change,
                        struct nvb_err *err)
{
    nvb_auto_catalog_entry entry = { 0 };
    nvb_auto_own_file file = NVB_OWN_FILE_INIT;

    if (!nvb_catalog_find(name, &entry, err))
        return false;
    if (!entry.is_own || entry.shelf)
        return fail_remove(&entry, name, err);
    if (!nvb_own_file_open(entry.path, &file, err) || !nvb_own_file_remove(&file, err))
        return nvb_while(err, "cannot remove the profile '%s'", name);
    fill_change(out_change, entry.path, NULL, false);
    return true;
}

/* "game-312530" or "my-game" for what no table has yet. Caller frees. */
static char *dup_new_id(const char *word)
{
    bool is_app = !word[strspn(word, "0123456789")];
    char *id = nvb_xasprintf("%s%s", is_app || !isalpha((unsigned char)*word) ? "game-" : "", word);

    if (strlen(id) > 4 && id[strlen(id) - 4] == '.')
        id[strlen(id) - 4] = '\0';
    for (char *c = id; *c; c++)
        *c = isalnum((unsigned char)*c) || *c == '_' ? (char)tolower((unsigned char)*c) : '-';
    return id;
}

/* The id of the entry to write: the last that is about the game, else a new one, of which `numbers`
 * are the keys that find it again. */
static char *dup_id(const struct nvb_games *games, const char *word, bool *out_is_new)
{
    const char *id = NULL;

    for (size_t i = 0; i < games->n; i++) {
        if (nvb_games_is_about(games, &games->items[i], word))
            id = games->items[i].id;
    }
    *out_is_new = id == NULL;
    return id ? nvb_xstrdup(id) : dup_new_id(word);
}

/* An entry's first lines; arrays are written as text, since the editor sets single values. */
static bool
begin_entry(struct nvb_own_file *file, const char *id, const char *word, struct nvb_err *err)
{
    bool is_app = !word[strspn(word, "0123456789")];
    size_t len = 0;
    const char *text = nvb_toml_text(file->doc, &len);
    nvb_auto_buf b = { 0 };

    nvb_buf_add(&b, text, len);
    if (len > 0 && text[len - 1] != '\n')
        nvb_buf_add_str(&b, "\n");
    nvb_buf_addf(&b, "%s[game.%s]\n%s = [%s%s%s]\n", len > 0 ? "\n" : "", id,
                 is_app ? "steam" : "executables", is_app ? "" : "\"", word, is_app ? "" : "\"");
    return nvb_own_file_take(file, b.data, b.len, err);
}

/* What finds the game: the number alone, the file without its folder. */
static const char *key_word(const char *game)
{
    const char *word = nvb_has_prefix(game, "steam:") ? game + strlen("steam:") : game;

    for (const char *c = word; *c; c++) {
        if (*c == '/' || *c == '\\')
            word = c + 1;
    }
    return word;
}

static bool change_game(const char *game,
                        const char *key,
                        const char *value,
                        struct nvb_profile_change *out,
                        struct nvb_err *err)
{
    nvb_autofree char *path = nvb_games_dup_own_path();
    nvb_auto_own_file file = NVB_OWN_FILE_INIT;
    nvb_autoptr(nvb_games) games = NULL;
    nvb_autoptr(nvb_profile) scratch = nvb_profile_new("", "");
    nvb_autofree char *id = NULL;
    struct way table = { 0 };
    bool is_new = false;
    bool is_same = false;

    if (!nvb_own_file_open(path, &file, err) || !nvb_games_load(&games, err) ||
        !nvb_games_apply(games, game, scratch, err))
        return false;
    id = dup_id(games, key_word(game), &is_new);
    if (is_new && value && !begin_entry(&file, id, key_word(game), err))
        return false;
    way_add(&table, "game");
    way_add(&table, id);
    way_add(&table, "settings");
    if (!change(file.doc, &table, key, value, &is_same, err))
        return false;
    if (!is_same && !nvb_own_file_write(&file, err))
        return false;
    fill_change(out, path, NULL, is_same);
    return true;
}

bool nvb_game_set(const char *game,
                  const char *key,
                  const char *value,
                  struct nvb_profile_change *out_change,
                  struct nvb_err *err)
{
    return change_game(game, key, value, out_change, err) ||
           nvb_while(err, "cannot set '%s' of the game '%s'", key, game);
}

bool nvb_game_unset(const char *game,
                    const char *key,
                    struct nvb_profile_change *out_change,
                    struct nvb_err *err)
{
    return change_game(game, key, NULL, out_change, err) ||
           nvb_while(err, "cannot unset '%s' of the game '%s'", key, game);
}

void nvb_profile_change_clear(struct nvb_profile_change *c)
{
    free(c->path);
    free(c->copied_from);
    *c = (struct nvb_profile_change){ 0 };
}
