/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store_internal.h - opening the database: schema, check, copy. */
#pragma once

#include <sqlite3.h>

#include "core/store.h"

/* Each brings a database of the version before it to its own; the first makes an empty one. None
 * is changed once it was released. */
extern const char *const gf_store_migrations[];

/* Bring it to the version of the last of `migrations` (which end with NULL); `path` gets a copy
 * beside it first, "library.db.v1.backup", unless it is new. */
bool gf_store_migrate(sqlite3 *db,
                      const char *path,
                      const char *const *migrations,
                      struct nvb_err *err);

/* Is every page what it should be? `is_full`: and every index as well. */
bool gf_store_check(sqlite3 *db, const char *path, bool is_full, struct nvb_err *err);

/* What SQLite complained of, with a hint where there is one. */
bool gf_store_fail(sqlite3 *db, const char *what, struct nvb_err *err);

/* Prepare a statement, or the error. */
bool gf_store_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct nvb_err *err);

static inline void gf_statement_free(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}

#define gf_auto_statement __attribute__((cleanup(gf_statement_free))) sqlite3_stmt
