/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* heroic_settings.h - how Heroic starts a game: its own settings over those of all games. */
#pragma once

#include "base/doc.h"
#include "core/entry.h"

/* Both may be NULL or empty. entry->platform is set already: a Linux game needs no Wine. */
void gf_heroic_settings_fill(const struct nvb_doc *game,
                             const struct nvb_doc *defaults,
                             GfEntry *entry);
