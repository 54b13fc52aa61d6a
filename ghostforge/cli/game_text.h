/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* game_text.h - how a game is told. */
#pragma once

#include "core/library.h"

/* `has_entries`: what each source says, too. */
struct nvb_json *game_to_json(const GfGame *game, bool has_entries);

/* "-", "14 m", "123 h". Caller frees. */
char *game_dup_time_text(int64_t seconds);
