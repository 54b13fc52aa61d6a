/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* slug.h - the short names that people type for games: "portal-2". */
#pragma once

#include "core/store.h"

/* "Portal 2" -> "portal-2"; "game" when nothing is left. Caller frees. */
char *gf_slug_dup(const char *title);

/* The names that are taken. */
typedef struct GfSlugs GfSlugs;
GfSlugs *gf_slugs_new(const GfStored *stored);
void gf_slugs_free(GfSlugs *slugs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfSlugs, gf_slugs_free)

/* One for a new game, now taken: with "-2", "-3"... behind when it must be. Caller frees. */
char *gf_slugs_dup_new(GfSlugs *slugs, const char *title);
