/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/store_internal.h"

#define APPLICATION_ID "0x47464c42" /* "GFLB" */

const char *const gf_store_migrations[] = {
    /* 1 */
    "CREATE TABLE games ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  slug TEXT NOT NULL UNIQUE,"
    "  is_hidden INTEGER NOT NULL DEFAULT 0,"
    "  added_s INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE entries ("
    "  game_id INTEGER NOT NULL REFERENCES games(id) ON DELETE CASCADE,"
    "  source TEXT NOT NULL, native_id TEXT NOT NULL, alias TEXT, same_as TEXT, title TEXT,"
    "  runner TEXT, platform TEXT, tool TEXT, install_dir TEXT, exe TEXT, args TEXT,"
    "  working_dir TEXT, prefix TEXT, uri TEXT, cover TEXT, icon TEXT, env TEXT, options TEXT,"
    "  place TEXT, playtime_s INTEGER NOT NULL, last_played_s INTEGER NOT NULL,"
    "  size_bytes INTEGER NOT NULL, state INTEGER NOT NULL,"
    "  PRIMARY KEY (source, native_id)"
    ") STRICT;"
    "CREATE INDEX entries_by_game ON entries(game_id);"
    "PRAGMA application_id = " APPLICATION_ID ";",
    NULL,
};

bool gf_store_fail(sqlite3 *db, const char *what, struct nvb_err *err)
{
    int code = sqlite3_errcode(db);

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        nvb_fail(err, NVB_D_GAMES, NVB_E_CONFLICT, "%s: another program is writing it", what);
        return nvb_hint(err, "wait until the other ghostforge is done");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        nvb_fail(err, NVB_D_GAMES, NVB_E_IO, "%s: it is damaged (%s)", what, sqlite3_errmsg(db));
        return nvb_hint(err, "move the file away and run 'ghostforge import': all but the games "
                             "that were added by hand comes back");
    case SQLITE_FULL:
        nvb_fail(err, NVB_D_GAMES, NVB_E_IO, "%s: the disk is full", what);
        return nvb_hint(err, "make room; nothing was changed");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        nvb_fail(err, NVB_D_GAMES, NVB_E_DENIED, "%s: %s", what, sqlite3_errmsg(db));
        return nvb_hint(err, "see whose its directory is, and whether it may be written");
    default:
        return nvb_fail(err, NVB_D_GAMES, NVB_E_IO, "%s: %s", what, sqlite3_errmsg(db));
    }
}

bool gf_store_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct nvb_err *err)
{
    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) == SQLITE_OK)
        return true;
    return gf_store_fail(db, "the library cannot be read", err);
}

bool gf_store_check(sqlite3 *db, const char *path, bool is_full, struct nvb_err *err)
{
    gf_auto_statement *check = NULL;
    const char *answer = NULL;

    if (!gf_store_prepare(db, is_full ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)",
                          &check, err))
        return false;
    if (sqlite3_step(check) != SQLITE_ROW)
        return gf_store_fail(db, path, err);
    answer = (const char *)sqlite3_column_text(check, 0);
    if (answer && strcmp(answer, "ok") == 0)
        return true;
    nvb_fail(err, NVB_D_GAMES, NVB_E_IO, "'%s' is damaged: %s", path,
             answer ? answer : "no answer");
    return nvb_hint(err, "move it away and run 'ghostforge import'; a copy from before the last "
                         "update of GhostForge may stand beside it as library.db.v*.backup");
}

static bool get_version(sqlite3 *db, int *out_version, struct nvb_err *err)
{
    gf_auto_statement *ask = NULL;

    if (!gf_store_prepare(db, "PRAGMA user_version", &ask, err))
        return false;
    if (sqlite3_step(ask) != SQLITE_ROW)
        return gf_store_fail(db, "the library cannot be read", err);
    *out_version = sqlite3_column_int(ask, 0);
    return true;
}

static bool copy_pages(sqlite3 *from, const char *path, struct nvb_err *err)
{
    sqlite3 *to = NULL;
    sqlite3_backup *backup = NULL;
    bool is_done = false;

    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK)
        backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup) {
        (void)sqlite3_backup_step(backup, -1);
        is_done = sqlite3_backup_finish(backup) == SQLITE_OK;
    }
    if (!is_done)
        gf_store_fail(to, path, err);
    (void)sqlite3_close(to);
    return is_done || nvb_while(err, "cannot make a copy of the library before it is changed");
}

/* A copy that was cut off must not look like one. */
static bool back_up(sqlite3 *db, const char *path, int version, struct nvb_err *err)
{
    nvb_autofree char *name = nvb_xasprintf("%s.v%d.backup", path, version);
    nvb_autofree char *part = nvb_xasprintf("%s.part", name);

    (void)unlink(part);
    if (!copy_pages(db, part, err))
        return false;
    if (rename(part, name) < 0)
        return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be made", name);
    return true;
}

static bool apply(sqlite3 *db, const char *sql, int version, struct nvb_err *err)
{
    nvb_autofree char *all = nvb_xasprintf("%s;PRAGMA user_version = %d;", sql, version);

    if (sqlite3_exec(db, all, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return gf_store_fail(db, "the library cannot be brought up to date", err);
}

static bool apply_all(sqlite3 *db, const char *const *migrations, struct nvb_err *err)
{
    int version = 0;

    /* Another process may have done it since we looked. */
    if (!get_version(db, &version, err))
        return false;
    for (int i = version; migrations[i]; i++) {
        if (!apply(db, migrations[i], i + 1, err))
            return false;
    }
    return true;
}

bool gf_store_migrate(sqlite3 *db,
                      const char *path,
                      const char *const *migrations,
                      struct nvb_err *err)
{
    int version = 0;
    int newest = 0;

    while (migrations[newest])
        newest++;
    if (!get_version(db, &version, err))
        return false;
    if (version == newest)
        return true;
    if (version > newest) {
        nvb_fail(err, NVB_D_GAMES, NVB_E_UNSUPPORTED,
                 "'%s' is of a newer GhostForge (version %d; this one knows %d)", path, version,
                 newest);
        return nvb_hint(err, "install that GhostForge again");
    }
    if (version > 0 && (!gf_store_check(db, path, true, err) || !back_up(db, path, version, err)))
        return false;
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return gf_store_fail(db, "the library cannot be brought up to date", err);
    if (apply_all(db, migrations, err) &&
        (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ||
         gf_store_fail(db, "the library cannot be brought up to date", err)))
        return true;
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
