/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* grouping.h - which entries are of one game. */
#pragma once

#include "core/store.h"

/* Give each entry the number of its group, from 0; the number of groups is the result. Entries are
 * of one game when one says that it is the other (same_as), and when two sources have the same
 * place. Of one source, two entries of a place are two games: it says so itself. */
size_t gf_group_entries(const GPtrArray *stored_entries, size_t *out_groups);
