/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store.h - GhostForge's own memory of its games: a SQLite database in the user's data directory.
 *
 * `entries` has a row for each game of each source, as that source has it; `games` one for each
 * game, with what the user decided. A game has one entry or more. What a source does not list any
 * more stays, marked: nothing the user did is lost when a drive is not there.
 *
 * Readers and one writer may work at once (WAL). The database is checked before it is written,
 * and copied before an older one is brought up to date. */
#pragma once

#include "core/entry.h"
#include "nvbind/error.h"

typedef struct GfStore GfStore;

typedef enum {
    GF_STORE_READ, /* an absent database is an empty one */
    GF_STORE_WRITE,
} GfStoreMode;

/* `dir` is made when it is written. */
bool gf_store_open(const char *dir, GfStoreMode mode, GfStore **out_store, struct nvb_err *err);
void gf_store_free(GfStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfStore, gf_store_free)

/* An entry and the game it is of. */
typedef struct {
    GfEntry *entry; /* owned */
    int64_t game_id;
} GfStoredEntry;

typedef struct {
    int64_t id;
    char *slug; /* owned; what people type: "portal-2" */
    bool is_hidden;
    int64_t added_s;
} GfStoredGame;

/* Both in the order of their ids. */
typedef struct {
    GPtrArray *entries; /* of GfStoredEntry, owned */
    GPtrArray *games;   /* of GfStoredGame, owned */
} GfStored;

bool gf_store_load(GfStore *store, GfStored *out, struct nvb_err *err);
void gf_stored_clear(GfStored *stored);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GfStored, gf_stored_clear)

/* Changes are made between begin and commit. *out_is_stale: another process has changed the
 * database since the last load, or since it was opened; load again and think again. */
bool gf_store_begin(GfStore *store, bool *out_is_stale, struct nvb_err *err);
bool gf_store_commit(GfStore *store, struct nvb_err *err);
void gf_store_cancel(GfStore *store);

bool gf_store_add_game(GfStore *store,
                       const char *slug,
                       int64_t added_s,
                       int64_t *out_id,
                       struct nvb_err *err);
bool gf_store_put_entry(GfStore *store, const GfEntry *entry, int64_t game_id, struct nvb_err *err);
bool gf_store_set_hidden(GfStore *store, int64_t game_id, bool is_hidden, struct nvb_err *err);
bool gf_store_remove_game(GfStore *store,
                          int64_t game_id,
                          struct nvb_err *err); /* and its entries */

/* Rows changed by this process so far: 0 proves that nothing was written. */
int gf_store_count_changes(const GfStore *store);
