/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "core/store_internal.h"
#include "test.h"
#include "tree.h"

static GfStore *open_store(const char *dir)
{
    GfStore *store = NULL;
    nvb_auto_err err = { 0 };

    if (!gf_store_open(dir, GF_STORE_WRITE, &store, &err))
        nvb_err_print(&err, "store", stderr);
    EXPECT(store != NULL);
    return store;
}

static int64_t put_game(GfStore *store, const char *slug)
{
    g_autoptr(GfEntry) entry = gf_entry_new("steam", slug);
    nvb_auto_err err = { 0 };
    bool is_stale = true;
    int64_t id = 0;

    gf_entry_set_title(entry, slug);
    gf_entry_set_path(&entry->exe, "/caf\xe9/x");
    entry->size_bytes = INT64_MAX;
    EXPECT(gf_store_begin(store, &is_stale, &err) && !is_stale);
    EXPECT(gf_store_add_game(store, slug, 7, &id, &err));
    EXPECT(gf_store_put_entry(store, entry, id, &err) && gf_store_commit(store, &err));
    return id;
}

static void load(GfStore *store, GfStored *out)
{
    nvb_auto_err err = { 0 };

    EXPECT(gf_store_load(store, out, &err));
}

TEST(keeps_what_was_put_into_it_whatever_the_bytes)
{
    const char *dir = tree_new();
    g_autofree char *below = g_build_filename(dir, "a/b", NULL);
    g_autoptr(GfStore) store = open_store(below);
    g_auto(GfStored) before = { 0 };
    g_auto(GfStored) stored = { 0 };
    const GfStoredEntry *entry = NULL;

    load(store, &before);
    EXPECT(before.games->len == 0);
    put_game(store, "x");
    g_clear_pointer(&store, gf_store_free);
    store = open_store(below);
    load(store, &stored);
    EXPECT(stored.games->len == 1 && stored.entries->len == 1);
    entry = g_ptr_array_index(stored.entries, 0);
    EXPECT_STR(entry->entry->exe, "/caf\xe9/x");
    EXPECT(entry->entry->size_bytes == INT64_MAX && entry->entry->args == NULL);
    EXPECT(gf_store_count_changes(store) == 0);
}

TEST(shows_an_empty_library_where_there_is_none_and_makes_nothing)
{
    const char *dir = tree_new();
    g_autofree char *below = g_build_filename(dir, "none", NULL);
    g_autoptr(GfStore) store = NULL;
    g_auto(GfStored) stored = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(gf_store_open(below, GF_STORE_READ, &store, &err));
    load(store, &stored);
    EXPECT(stored.games->len == 0 && access(below, F_OK) < 0);
}

TEST(sees_that_another_process_wrote)
{
    const char *dir = tree_new();
    g_autoptr(GfStore) one = open_store(dir);
    g_autoptr(GfStore) other = open_store(dir);
    g_auto(GfStored) stored = { 0 };
    g_auto(GfStored) again = { 0 };
    nvb_auto_err err = { 0 };
    bool is_stale = false;

    load(one, &stored);
    load(other, &again);
    put_game(other, "x");
    EXPECT(gf_store_begin(one, &is_stale, &err) && is_stale);
    gf_stored_clear(&stored);
    load(one, &stored);
    EXPECT(stored.games->len == 1);
    EXPECT(gf_store_begin(one, &is_stale, &err) && !is_stale);
}

TEST(refuses_a_damaged_database_and_leaves_it)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    g_autofree char *text = NULL;
    GfStore *store = NULL;
    nvb_auto_err err = { 0 };

    tree_put(dir, "library.db", "this is no database, and it is long enough to be looked at");
    EXPECT(!gf_store_open(dir, GF_STORE_WRITE, &store, &err));
    EXPECT(err.kind == NVB_E_IO && strstr(err.lines[0], "damaged") && strstr(err.hint, "import"));
    EXPECT(g_file_get_contents(path, &text, NULL, NULL) && g_str_has_prefix(text, "this is no"));
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t len)
{
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    EXPECT(fd >= 0 && pwrite(fd, bytes, len, at) == (ssize_t)len);
}

TEST(finds_a_page_that_was_overwritten)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    GfStore *store = open_store(dir);
    char junk[4096];
    nvb_auto_err err = { 0 };

    put_game(store, "x");
    g_clear_pointer(&store, gf_store_free);
    memset(junk, 'x', sizeof(junk));
    overwrite(path, 4096, junk, sizeof(junk));
    EXPECT(!gf_store_open(dir, GF_STORE_WRITE, &store, &err));
    EXPECT(strstr(err.lines[0], "damaged") != NULL);
}

TEST(refuses_a_database_of_a_newer_version)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    GfStore *store = NULL;
    sqlite3 *db = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(sqlite3_open(path, &db) == SQLITE_OK);
    EXPECT(sqlite3_exec(db, "PRAGMA user_version = 1000", NULL, NULL, NULL) == SQLITE_OK);
    (void)sqlite3_close(db);
    EXPECT(!gf_store_open(dir, GF_STORE_WRITE, &store, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED && strstr(err.lines[0], "newer GhostForge"));
}

static int count(sqlite3 *db, const char *sql)
{
    gf_auto_statement *ask = NULL;

    EXPECT(sqlite3_prepare_v2(db, sql, -1, &ask, NULL) == SQLITE_OK);
    EXPECT(sqlite3_step(ask) == SQLITE_ROW);
    return sqlite3_column_int(ask, 0);
}

static const char *const two[] = { "CREATE TABLE a (x); INSERT INTO a VALUES (1)",
                                   "CREATE TABLE b (x); INSERT INTO b SELECT x + 1 FROM a", NULL };
static const char *const bad[] = { "CREATE TABLE a (x)",
                                   "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)", NULL };
static const char *const first[] = { "CREATE TABLE a (x); INSERT INTO a VALUES (1)", NULL };

TEST(copies_the_database_before_it_changes_its_form)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    g_autofree char *copy = g_strconcat(path, ".v1.backup", NULL);
    sqlite3 *db = NULL;
    sqlite3 *old = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(sqlite3_open(path, &db) == SQLITE_OK);
    EXPECT(gf_store_migrate(db, path, first, &err) && access(copy, F_OK) < 0);
    EXPECT(gf_store_migrate(db, path, two, &err));
    EXPECT(count(db, "SELECT x FROM b") == 2 && count(db, "PRAGMA user_version") == 2);
    EXPECT(sqlite3_open(copy, &old) == SQLITE_OK);
    EXPECT(count(old, "SELECT x FROM a") == 1 && count(old, "PRAGMA user_version") == 1);
    EXPECT(count(old, "SELECT count(*) FROM sqlite_schema") == 1);
    (void)sqlite3_close(old);
    (void)sqlite3_close(db);
}

TEST(changes_its_form_wholly_or_not_at_all)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    sqlite3 *db = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(sqlite3_open(path, &db) == SQLITE_OK && gf_store_migrate(db, path, first, &err));
    EXPECT(!gf_store_migrate(db, path, bad, &err));
    EXPECT(strstr(err.lines[0], "nowhere") != NULL);
    EXPECT(count(db, "PRAGMA user_version") == 1);
    EXPECT(count(db, "SELECT count(*) FROM sqlite_schema") == 1);
    (void)sqlite3_close(db);
}

TEST(says_that_the_disk_is_full_and_keeps_what_was_there)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    sqlite3 *db = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(sqlite3_open(path, &db) == SQLITE_OK && gf_store_migrate(db, path, first, &err));
    EXPECT(sqlite3_exec(db, "PRAGMA max_page_count = 3", NULL, NULL, NULL) == SQLITE_OK);
    EXPECT(sqlite3_exec(db, "INSERT INTO a VALUES (zeroblob(100000))", NULL, NULL, NULL) ==
           SQLITE_FULL);
    gf_store_fail(db, "it cannot be changed", &err);
    EXPECT_STR(err.lines[0], "it cannot be changed: the disk is full");
    EXPECT(count(db, "SELECT count(*) FROM a") == 1);
    (void)sqlite3_close(db);
}

TEST(says_who_is_in_the_way_of_a_write)
{
    const char *dir = tree_new();
    g_autofree char *path = g_build_filename(dir, "library.db", NULL);
    sqlite3 *db = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(sqlite3_open(path, &db) == SQLITE_OK);
    EXPECT(sqlite3_exec(db, "CREATE TABLE a (x)", NULL, NULL, NULL) == SQLITE_OK);
    {
        sqlite3 *other = NULL;

        EXPECT(sqlite3_open(path, &other) == SQLITE_OK);
        EXPECT(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
        EXPECT(sqlite3_exec(db, "INSERT INTO a VALUES (1)", NULL, NULL, NULL) == SQLITE_BUSY);
        gf_store_fail(db, "it cannot be changed", &err);
        EXPECT(err.kind == NVB_E_CONFLICT);
        (void)sqlite3_close(other);
    }
    (void)sqlite3_close(db);
}
