/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* places.h - the directories of a user, given once so that a test's are as good as real ones. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"

/* All absolute, all owned. */
typedef struct {
    char *home;
    char *data;                /* $XDG_DATA_HOME, by default ~/.local/share */
    char *config;              /* $XDG_CONFIG_HOME, by default ~/.config */
    struct nvb_strv data_dirs; /* $XDG_DATA_DIRS, by default those of the system and of flatpak */
} GfPlaces;

/* False when $HOME is not set and the user has no home. */
bool gf_places_init(GfPlaces *places, struct nvb_err *err);
void gf_places_clear(GfPlaces *places);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GfPlaces, gf_places_clear)

/* "/home/x/.local/share/ghostforge", which need not exist. Caller frees. */
char *gf_places_dup_own_data(const GfPlaces *places);
