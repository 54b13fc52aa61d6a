/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* entry_place.h - by what the same game is known in two sources: where its files are.
 *
 * The place of a game is its executable, with all links followed; of one whose executable is not
 * known (Steam's), its directory with a "/" behind: whatever starts something in there is that
 * game. A program of the system (/usr, /bin, /opt) is often not the game but what plays it, so
 * its arguments are part of the place; so they are of what was added by hand. */
#pragma once

#include "core/entry.h"

/* Parents that many games share are resolved once. */
typedef struct GfPlaceCache GfPlaceCache;
GfPlaceCache *gf_place_cache_new(void);
void gf_place_cache_free(GfPlaceCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfPlaceCache, gf_place_cache_free)

/* Set `place`; and GF_STATE_ABSENT for what is ready but whose directory is not there. */
void gf_entry_find_place(GfEntry *entry, GfPlaceCache *cache);
