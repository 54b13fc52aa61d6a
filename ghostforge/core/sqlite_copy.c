/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/sqlite_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum {
    TRIES = 5,
    PAUSE_US = 50 * 1000,
    SIZE_MAX_BYTES = 512 << 20,
    BLOCK = 1 << 16,
};

/* What a database consists of, the file itself first. "-shm" is an index of "-wal" and made anew. */
static const char *const parts[] = { "", "-wal", "-journal" };

struct GfSqliteCopy {
    char *dir; /* owned; ours alone */
    sqlite3 *db;
};

/* How the parts stood at one moment; an absent one is all zero. */
typedef struct {
    struct stat parts[G_N_ELEMENTS(parts)];
} Moment;

static char *dup_part(const char *path, size_t i)
{
    return g_strconcat(path, parts[i], NULL);
}

static void look(const char *path, Moment *out)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *part = dup_part(path, i);

        if (stat(part, &out->parts[i]) < 0)
            out->parts[i] = (struct stat){ 0 };
    }
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const Moment *a, const Moment *b)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const struct stat *l = &a->parts[i];
        const struct stat *r = &b->parts[i];

        if (l->st_ino != r->st_ino || l->st_size != r->st_size ||
            !is_same_time(&l->st_mtim, &r->st_mtim) || !is_same_time(&l->st_ctim, &r->st_ctim))
            return false;
    }
    return true;
}

static bool copy_bytes(int from, int to, const char *name, struct nvb_err *err)
{
    g_autofree char *block = g_malloc(BLOCK);
    size_t total = 0;
    ssize_t n = 0;

    while ((n = read(from, block, BLOCK)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be read", name);
        total += (size_t)n;
        if (total > SIZE_MAX_BYTES)
            return nvb_fail(err, NVB_D_GAMES, NVB_E_INVALID, "'%s' is too large", name);
        if (!nvb_write_all(to, block, (size_t)n))
            return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be copied", name);
    }
    return true;
}

/* A log that is not there is no failure; a FIFO in its place is not waited for. */
static bool copy_part(const char *path, const char *to_path, size_t i, struct nvb_err *err)
{
    g_autofree char *from_name = dup_part(path, i);
    g_autofree char *to_name = dup_part(to_path, i);
    nvb_autoclose int from = open(from_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    nvb_autoclose int to = -1;
    struct stat st = { 0 };

    (void)unlink(to_name);
    if (from < 0 && errno == ENOENT && i > 0)
        return true;
    if (from < 0 || fstat(from, &st) < 0)
        return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be read", from_name);
    if (!S_ISREG(st.st_mode))
        return nvb_fail(err, NVB_D_GAMES, NVB_E_INVALID, "'%s' is not a file", from_name);
    to = open(to_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be made", to_name);
    return copy_bytes(from, to, from_name, err);
}

/* All parts as they stood at one moment, or false in *out_is_whole. */
static bool
copy_once(const char *path, const char *to_path, bool *out_is_whole, struct nvb_err *err)
{
    Moment before = { 0 };
    Moment after = { 0 };

    look(path, &before);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!copy_part(path, to_path, i, err))
            return false;
    }
    look(path, &after);
    *out_is_whole = is_same(&before, &after);
    return true;
}

static bool open_copy(GfSqliteCopy *copy, const char *to_path)
{
    static const char check[] = "PRAGMA quick_check(1)";
    sqlite3_stmt *row = NULL;
    bool is_good = false;

    if (sqlite3_open_v2(to_path, &copy->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_exec(copy->db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(copy->db, check, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        is_good = g_strcmp0((const char *)sqlite3_column_text(row, 0), "ok") == 0;
    (void)sqlite3_finalize(row);
    return is_good;
}

static void close_copy(GfSqliteCopy *copy)
{
    (void)sqlite3_close(copy->db);
    copy->db = NULL;
}

void gf_sqlite_copy_free(GfSqliteCopy *copy)
{
    static const char *const names[] = { "db", "db-wal", "db-journal", "db-shm" };

    if (!copy)
        return;
    close_copy(copy);
    for (size_t i = 0; i < G_N_ELEMENTS(names) && copy->dir; i++) {
        g_autofree char *path = g_build_filename(copy->dir, names[i], NULL);

        (void)unlink(path);
    }
    if (copy->dir)
        (void)rmdir(copy->dir);
    g_free(copy->dir);
    g_free(copy);
}

/* A copy that is damaged may be one of a write that left no trace in the times: they are coarse. */
static bool fill(GfSqliteCopy *copy, const char *path, struct nvb_err *err)
{
    g_autofree char *to_path = g_build_filename(copy->dir, "db", NULL);
    bool is_whole = false;

    for (int i = 0; i < TRIES; i++) {
        if (i > 0)
            g_usleep(PAUSE_US);
        if (!copy_once(path, to_path, &is_whole, err))
            return false;
        if (is_whole && open_copy(copy, to_path))
            return true;
        close_copy(copy);
    }
    nvb_fail(err, NVB_D_GAMES, NVB_E_IO,
             is_whole ? "'%s' is damaged" : "'%s' is being written all the time", path);
    return nvb_hint(err, "start the program that it belongs to, and close it again");
}

bool gf_sqlite_copy_open(const char *path, GfSqliteCopy **out_copy, struct nvb_err *err)
{
    g_autoptr(GfSqliteCopy) copy = g_new0(GfSqliteCopy, 1);

    copy->dir = g_dir_make_tmp("ghostforge-XXXXXX", NULL);
    if (!copy->dir)
        return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be written", g_get_tmp_dir());
    if (!fill(copy, path, err))
        return false;
    *out_copy = g_steal_pointer(&copy);
    return true;
}

sqlite3 *gf_sqlite_copy_get(const GfSqliteCopy *copy)
{
    return copy->db;
}

static void list_columns(const GfSqliteCopy *copy, const char *table, struct nvb_strv *out)
{
    sqlite3_stmt *row = NULL;

    if (sqlite3_prepare_v2(copy->db, "SELECT name FROM pragma_table_info(?)", -1, &row, NULL) ==
        SQLITE_OK) {
        (void)sqlite3_bind_text(row, 1, table, -1, SQLITE_STATIC);
        while (sqlite3_step(row) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(row, 0);

            nvb_strv_add(out, name ? name : "");
        }
    }
    (void)sqlite3_finalize(row);
}

char *gf_sqlite_copy_dup_select(const GfSqliteCopy *copy,
                                const char *table,
                                const char *const *columns,
                                size_t n)
{
    nvb_auto_strv there = { 0 };
    GString *sql = NULL;

    list_columns(copy, table, &there);
    if (there.n == 0)
        return NULL;
    sql = g_string_new("SELECT");
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(sql, "%s %s", i > 0 ? "," : "",
                               nvb_strv_has(&there, columns[i]) ? columns[i] : "NULL");
    }
    g_string_append_printf(sql, " FROM %s", table);
    return g_string_free(sql, FALSE);
}
