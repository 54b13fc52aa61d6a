/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* sqlite_copy.h - another program's database, read from a copy.
 *
 * SQLite itself cannot be trusted to leave a foreign database alone: even a read-only connection
 * makes -wal and -shm files beside one in WAL mode, waits for locks, and refuses one that a crash
 * left with a journal. So the bytes are copied with its logs, again when anything changed while
 * that went on, and SQLite opens the copy: it is what the next start of the program would see. */
#pragma once

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "nvbind/error.h"

typedef struct GfSqliteCopy GfSqliteCopy;

bool gf_sqlite_copy_open(const char *path, GfSqliteCopy **out_copy, struct nvb_err *err);
void gf_sqlite_copy_free(GfSqliteCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfSqliteCopy, gf_sqlite_copy_free)

sqlite3 *gf_sqlite_copy_get(const GfSqliteCopy *copy);

/* "SELECT a, NULL, c FROM table": those of `columns` (n of them) that the table has, in their order,
 * for schemas that change over the years. NULL when there is no such table. Caller frees. */
char *gf_sqlite_copy_dup_select(const GfSqliteCopy *copy,
                                const char *table,
                                const char *const *columns,
                                size_t n);
