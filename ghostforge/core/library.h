/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* library.h - the games of a user: one row a game, whatever number of sources know it. */
#pragma once

#include "core/source.h"
#include "core/store.h"

/* One game. Its entries stand in the order of precedence: what can be started now before what
 * cannot, then as gf_sources[] has them. */
typedef struct {
    int64_t id;
    char *slug;
    bool is_hidden;
    int64_t added_s;
    GPtrArray *entries; /* of GfEntry, owned */
    GfEntry *view;      /* owned: the first entry, what it does not say filled from the others */
} GfGame;

void gf_game_free(GfGame *game);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfGame, gf_game_free)

/* All of them, sorted by title. *out_games is of GfGame and yours. */
bool gf_library_load(GfStore *store, GPtrArray **out_games, struct nvb_err *err);

/* The one game that `word` means: an id, a slug, "SOURCE:ID", a whole title, or a part of one
 * that no other has. Borrowed from `games`. */
const GfGame *gf_library_find(const GPtrArray *games, const char *word, struct nvb_err *err);

/* A game that no source knows: entry->title must be set; its native_id is made here. */
bool gf_library_add(GfStore *store, GfEntry *take_entry, int64_t *out_id, struct nvb_err *err);
