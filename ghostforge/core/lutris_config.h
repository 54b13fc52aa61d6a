/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* lutris_config.h - the settings of one Lutris game: its own file's over its runner's over the
 * system's, a whole setting at a time; only the variables of the environment are put together. */
#pragma once

#include "base/doc.h"
#include "core/entry.h"

enum {
    GF_LUTRIS_LEVELS = 3,
};

typedef struct {
    const char *runner; /* borrowed */
    const struct nvb_doc *levels
        [GF_LUTRIS_LEVELS]; /* borrowed; the game's, the runner's, the system's; NULL when absent */
    const char *home;       /* borrowed; of "~" */
    const char *directory;  /* borrowed; $GAMEDIR, or NULL */
} GfLutrisConfig;

/* What starts the game, with what: all fields of `entry` that settings tell. */
void gf_lutris_config_fill(const GfLutrisConfig *config, GfEntry *entry);
