/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "library_open.h"

bool library_open(GfStoreMode mode, GfPlaces *out_places, GfStore **out_store, struct nvb_err *err)
{
    g_auto(GfPlaces) places = { 0 };
    g_autofree char *dir = NULL;

    if (!gf_places_init(&places, err))
        return false;
    dir = gf_places_dup_own_data(&places);
    if (!gf_store_open(dir, mode, out_store, err))
        return false;
    if (out_places) {
        *out_places = places;
        places = (GfPlaces){ 0 };
    }
    return true;
}

bool library_find(GfStore *store,
                  const char *word,
                  GPtrArray **out_games,
                  const GfGame **out_game,
                  struct nvb_err *err)
{
    if (!gf_library_load(store, out_games, err))
        return false;
    *out_game = gf_library_find(*out_games, word, err);
    return *out_game != NULL;
}
