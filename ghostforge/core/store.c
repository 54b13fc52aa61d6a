/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/store.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/store_internal.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    VALUES_FIRST = 2, /* of put_entry: the fields stand behind the game's id */
};

struct GfStore {
    sqlite3 *db;       /* owned */
    sqlite3_stmt *put; /* owned; made when it is first needed */
    int64_t seen_version;
};

static bool connect(const char *path, GfStoreMode mode, GfStore *store, struct nvb_err *err)
{
    bool is_new = access(path, F_OK) < 0;
    int flags = SQLITE_OPEN_READWRITE | (mode == GF_STORE_WRITE ? SQLITE_OPEN_CREATE : 0);

    /* Read as well through a connection that may write: WAL needs its index made anew when it is
     * the first. */
    if (is_new && mode == GF_STORE_READ)
        flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
        return gf_store_fail(store->db, path, err);
    (void)sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    if (sqlite3_exec(store->db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
                     NULL, NULL, NULL) != SQLITE_OK)
        return gf_store_fail(store->db, path, err);
    return true;
}

/* It changes when, and only when, another connection has committed. */
static bool read_version(GfStore *store, int64_t *out, struct nvb_err *err)
{
    gf_auto_statement *ask = NULL;

    if (!gf_store_prepare(store->db, "PRAGMA data_version", &ask, err))
        return false;
    if (sqlite3_step(ask) != SQLITE_ROW)
        return gf_store_fail(store->db, "the library cannot be read", err);
    *out = sqlite3_column_int64(ask, 0);
    return true;
}

bool gf_store_open(const char *dir, GfStoreMode mode, GfStore **out_store, struct nvb_err *err)
{
    g_autoptr(GfStore) store = g_new0(GfStore, 1);
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);

    if (mode == GF_STORE_WRITE && !nvb_mkdirs(dir, err))
        return false;
    if (!connect(path, mode, store, err) ||
        (mode == GF_STORE_WRITE && !gf_store_check(store->db, path, false, err)) ||
        !gf_store_migrate(store->db, path, gf_store_migrations, err) ||
        !read_version(store, &store->seen_version, err))
        return nvb_while(err, "cannot open the library of games");
    *out_store = g_steal_pointer(&store);
    return true;
}

void gf_store_free(GfStore *store)
{
    if (!store)
        return;
    (void)sqlite3_finalize(store->put);
    (void)sqlite3_close(store->db);
    g_free(store);
}

int gf_store_count_changes(const GfStore *store)
{
    return sqlite3_total_changes(store->db);
}

static void entry_free(void *data)
{
    GfStoredEntry *stored = data;

    gf_entry_free(stored->entry);
    g_free(stored);
}

static void game_free(void *data)
{
    GfStoredGame *game = data;

    g_free(game->slug);
    g_free(game);
}

void gf_stored_clear(GfStored *stored)
{
    g_clear_pointer(&stored->entries, g_ptr_array_unref);
    g_clear_pointer(&stored->games, g_ptr_array_unref);
}

static char *dup_column(sqlite3_stmt *row, int i)
{
    const char *text = (const char *)sqlite3_column_text(row, i);

    return g_strdup(text);
}

/* A statement with the names of all fields, as FMT's only argument. */
static char *dup_sql(const char *fmt)
{
    GString *names = g_string_new(NULL);

    for (size_t i = 0; i < GF_N_FIELDS; i++)
        g_string_append_printf(names, ", %s", gf_entry_fields[i].name);
    g_string_prepend(names, fmt);
    return g_string_free(names, FALSE);
}

static GfStoredEntry *read_entry(sqlite3_stmt *row)
{
    GfStoredEntry *stored = g_new0(GfStoredEntry, 1);

    stored->game_id = sqlite3_column_int64(row, 0);
    stored->entry = g_new0(GfEntry, 1);
    for (int i = 0; i < GF_N_FIELDS; i++) {
        const GfField *f = &gf_entry_fields[i];

        if (f->type == GF_FIELD_NUMBER) {
            *gf_entry_number(stored->entry, f) = sqlite3_column_int64(row, i + 1);
        } else {
            *gf_entry_text(stored->entry, f) = dup_column(row, i + 1);
        }
    }
    return stored;
}

static bool load_entries(GfStore *store, GfStored *out, struct nvb_err *err)
{
    g_autofree char *start = dup_sql("SELECT game_id");
    g_autofree char *sql = g_strconcat(start, " FROM entries ORDER BY rowid", NULL);
    gf_auto_statement *row = NULL;
    int rc = 0;

    if (!gf_store_prepare(store->db, sql, &row, err))
        return false;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW)
        g_ptr_array_add(out->entries, read_entry(row));
    return rc == SQLITE_DONE || gf_store_fail(store->db, "the library cannot be read", err);
}

static bool load_games(GfStore *store, GfStored *out, struct nvb_err *err)
{
    gf_auto_statement *row = NULL;
    int rc = 0;

    if (!gf_store_prepare(store->db, "SELECT id, slug, is_hidden, added_s FROM games ORDER BY id",
                          &row, err))
        return false;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
        GfStoredGame *game = g_new0(GfStoredGame, 1);

        game->id = sqlite3_column_int64(row, 0);
        game->slug = dup_column(row, 1);
        game->is_hidden = sqlite3_column_int(row, 2) != 0;
        game->added_s = sqlite3_column_int64(row, 3);
        g_ptr_array_add(out->games, game);
    }
    return rc == SQLITE_DONE || gf_store_fail(store->db, "the library cannot be read", err);
}

bool gf_store_load(GfStore *store, GfStored *out, struct nvb_err *err)
{
    g_auto(GfStored) stored = { .entries = g_ptr_array_new_with_free_func(entry_free),
                                .games = g_ptr_array_new_with_free_func(game_free) };
    bool is_read = false;

    /* Both tables as they were at one moment. */
    if (sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return gf_store_fail(store->db, "the library cannot be read", err);
    is_read = load_games(store, &stored, err) && load_entries(store, &stored, err) &&
              read_version(store, &store->seen_version, err);
    (void)sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (!is_read)
        return false;
    *out = stored;
    stored = (GfStored){ 0 };
    return true;
}

bool gf_store_begin(GfStore *store, bool *out_is_stale, struct nvb_err *err)
{
    int64_t version = 0;

    if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return gf_store_fail(store->db, "the library cannot be changed", err);
    if (!read_version(store, &version, err)) {
        gf_store_cancel(store);
        return false;
    }
    *out_is_stale = version != store->seen_version;
    if (*out_is_stale)
        gf_store_cancel(store);
    return true;
}

bool gf_store_commit(GfStore *store, struct nvb_err *err)
{
    if (sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return true;
    gf_store_fail(store->db, "the library cannot be changed", err);
    gf_store_cancel(store);
    return false;
}

void gf_store_cancel(GfStore *store)
{
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

static bool finish(GfStore *store, sqlite3_stmt *statement, struct nvb_err *err)
{
    return sqlite3_step(statement) == SQLITE_DONE ||
           gf_store_fail(store->db, "the library cannot be changed", err);
}

bool gf_store_add_game(GfStore *store,
                       const char *slug,
                       int64_t added_s,
                       int64_t *out_id,
                       struct nvb_err *err)
{
    gf_auto_statement *add = NULL;

    if (!gf_store_prepare(store->db, "INSERT INTO games(slug, added_s) VALUES (?, ?)", &add, err))
        return false;
    (void)sqlite3_bind_text(add, 1, slug, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(add, 2, added_s);
    if (!finish(store, add, err))
        return false;
    *out_id = sqlite3_last_insert_rowid(store->db);
    return true;
}

static bool prepare_put(GfStore *store, struct nvb_err *err)
{
    g_autofree char *names = dup_sql("INSERT INTO entries(game_id");
    GString *sql = g_string_new(names);
    g_autofree char *text = NULL;

    g_string_append(sql, ") VALUES (?");
    for (size_t i = 0; i < GF_N_FIELDS; i++)
        g_string_append(sql, ", ?");
    g_string_append(sql, ") ON CONFLICT DO UPDATE SET game_id = excluded.game_id");
    for (size_t i = 0; i < GF_N_FIELDS; i++) {
        const char *name = gf_entry_fields[i].name;

        g_string_append_printf(sql, ", %s = excluded.%s", name, name);
    }
    text = g_string_free(sql, FALSE);
    return gf_store_prepare(store->db, text, &store->put, err);
}

bool gf_store_put_entry(GfStore *store, const GfEntry *entry, int64_t game_id, struct nvb_err *err)
{
    if (!store->put && !prepare_put(store, err))
        return false;
    (void)sqlite3_reset(store->put);
    (void)sqlite3_bind_int64(store->put, 1, game_id);
    for (int i = 0; i < GF_N_FIELDS; i++) {
        const GfField *f = &gf_entry_fields[i];

        if (f->type == GF_FIELD_NUMBER) {
            (void)sqlite3_bind_int64(store->put, i + VALUES_FIRST, gf_entry_get_number(entry, f));
        } else {
            (void)sqlite3_bind_text(store->put, i + VALUES_FIRST, gf_entry_get_text(entry, f), -1,
                                    SQLITE_STATIC);
        }
    }
    return finish(store, store->put, err);
}

bool gf_store_set_hidden(GfStore *store, int64_t game_id, bool is_hidden, struct nvb_err *err)
{
    gf_auto_statement *set = NULL;

    if (!gf_store_prepare(store->db, "UPDATE games SET is_hidden = ? WHERE id = ?", &set, err))
        return false;
    (void)sqlite3_bind_int(set, 1, is_hidden);
    (void)sqlite3_bind_int64(set, 2, game_id);
    return finish(store, set, err);
}

bool gf_store_remove_game(GfStore *store, int64_t game_id, struct nvb_err *err)
{
    gf_auto_statement *remove = NULL;

    if (!gf_store_prepare(store->db, "DELETE FROM games WHERE id = ?", &remove, err))
        return false;
    (void)sqlite3_bind_int64(remove, 1, game_id);
    return finish(store, remove, err);
}
