/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* library_open.h - the library of whoever runs the program. */
#pragma once

#include "core/library.h"

/* $XDG_DATA_HOME/ghostforge/library.db. *out_places may be NULL. */
bool library_open(GfStoreMode mode, GfPlaces *out_places, GfStore **out_store, struct nvb_err *err);

/* The game that a word means; *out_games, which owns it, is yours. */
bool library_find(GfStore *store,
                  const char *word,
                  GPtrArray **out_games,
                  const GfGame **out_game,
                  struct nvb_err *err);
