/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/sqlite_copy.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        (void)fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    EXPECT(sqlite3_errcode(db) == SQLITE_OK || sqlite3_errcode(db) == SQLITE_ROW ||
           sqlite3_errcode(db) == SQLITE_DONE);
}

static sqlite3 *make(const char *path, const char *mode)
{
    g_autofree char *pragma = g_strdup_printf("PRAGMA journal_mode = %s", mode);
    sqlite3 *db = NULL;

    EXPECT(sqlite3_open(path, &db) == SQLITE_OK);
    run_sql(db, pragma);
    run_sql(db, "CREATE TABLE games (id INTEGER, name TEXT); INSERT INTO games VALUES (1, 'one')");
    return db;
}

static int count(GfSqliteCopy *copy)
{
    sqlite3_stmt *row = NULL;
    int n = 0;

    EXPECT(sqlite3_prepare_v2(gf_sqlite_copy_get(copy), "SELECT count(*) FROM games", -1, &row,
                              NULL) == SQLITE_OK);
    EXPECT(sqlite3_step(row) == SQLITE_ROW);
    n = sqlite3_column_int(row, 0);
    (void)sqlite3_finalize(row);
    return n;
}

static int count_in_copy(const char *path)
{
    g_autoptr(GfSqliteCopy) copy = NULL;
    nvb_auto_err err = { 0 };

    if (!gf_sqlite_copy_open(path, &copy, &err))
        nvb_err_print(&err, "copy", stderr);
    EXPECT(copy != NULL);
    return count(copy);
}

/* All names beside the database. */
static char *dup_names(const char *dir)
{
    nvb_auto_strv names = { 0 };
    g_autoptr(GDir) open_dir = g_dir_open(dir, 0, NULL);
    const char *name = NULL;

    while ((name = g_dir_read_name(open_dir)))
        nvb_strv_add(&names, name);
    nvb_strv_sort(&names);
    return nvb_strv_join(&names, " ");
}

TEST(reads_past_an_exclusive_lock)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "pga.db", NULL);
    g_autofree char *names = NULL;
    sqlite3 *db = make(path, "DELETE");

    run_sql(db, "BEGIN EXCLUSIVE");
    EXPECT(count_in_copy(path) == 1);
    run_sql(db, "COMMIT");
    (void)sqlite3_close(db);
    names = dup_names(dir);
    EXPECT_STR(names, "pga.db");
}

TEST(undoes_in_the_copy_what_was_not_committed)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "pga.db", NULL);
    g_autofree char *names = NULL;
    sqlite3 *db = make(path, "DELETE");

    /* A cache of one page makes SQLite write pages before the commit. */
    run_sql(db, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;"
                "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                " INSERT INTO games SELECT i, hex(randomblob(100)) FROM n");
    names = dup_names(dir);
    EXPECT_STR(names, "pga.db pga.db-journal");
    EXPECT(count_in_copy(path) == 1);
    run_sql(db, "ROLLBACK");
    (void)sqlite3_close(db);
}

TEST(reads_what_is_only_in_the_log_and_makes_no_files_beside_it)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "pga.db", NULL);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    sqlite3 *db = make(path, "WAL");

    before = dup_names(dir);
    EXPECT_STR(before, "pga.db pga.db-shm pga.db-wal");
    EXPECT(count_in_copy(path) == 1);
    after = dup_names(dir);
    EXPECT_STR(after, before);
    (void)sqlite3_close(db);
    g_free(after);
    EXPECT(count_in_copy(path) == 1); /* a database in WAL mode that nobody has open */
    after = dup_names(dir);
    EXPECT_STR(after, "pga.db");
}

static void expect_refused(const char *path, const char *why)
{
    GfSqliteCopy *copy = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!gf_sqlite_copy_open(path, &copy, &err));
    EXPECT(copy == NULL && strstr(err.lines[0], why) != NULL);
}

TEST(refuses_what_is_no_database_and_leaves_no_copies)
{
    const char *dir = tree_new();
    const char *tmp = tree_new();
    g_autofree char *text = g_build_filename(dir, "text", NULL);
    g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
    g_autofree char *none = g_build_filename(dir, "none", NULL);
    g_autofree char *left = NULL;

    EXPECT(g_setenv("TMPDIR", tmp, TRUE));
    tree_put(dir, "text", "no database, whatever its name says, and long enough to be looked at");
    tree_fifo(dir, "fifo");
    expect_refused(text, "is damaged");
    expect_refused(fifo, "is not a file");
    expect_refused(none, "cannot be read");
    left = dup_names(tmp);
    EXPECT_STR(left, "");
}

TEST(asks_only_for_columns_that_are_there)
{
    static const char *const columns[] = { "id", "playtime", "name" };
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "pga.db", NULL);
    g_autoptr(GfSqliteCopy) copy = NULL;
    g_autofree char *sql = NULL;
    nvb_auto_err err = { 0 };

    (void)sqlite3_close(make(path, "DELETE"));
    EXPECT(gf_sqlite_copy_open(path, &copy, &err));
    sql = gf_sqlite_copy_dup_select(copy, "games", columns, 3);
    EXPECT_STR(sql, "SELECT id, NULL, name FROM games");
    EXPECT(gf_sqlite_copy_dup_select(copy, "none", columns, 3) == NULL);
}
