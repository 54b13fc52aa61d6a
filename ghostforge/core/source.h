/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* source.h - where games come from: other programs' libraries, which are only ever read.
 *
 * To add one: a file with a GfSource, and its name in gf_sources[]. */
#pragma once

#include "core/entry.h"
#include "core/places.h"

/* What a scan of one source gave. */
typedef struct {
    const char *source;       /* borrowed: the name of it */
    GPtrArray *entries;       /* of GfEntry, owned */
    struct nvb_strv problems; /* what could not be read, a line each */
    bool is_present;          /* there is such a library at all */
    bool is_complete;         /* what was not found is gone, and not only out of reach */
} GfFinds;

typedef struct {
    const char *name;  /* "steam" */
    const char *title; /* "Steam" */

    /* Read the library as it is now, while its program may be running. Nothing is written. */
    void (*scan)(const GfPlaces *places, GfFinds *finds);
} GfSource;

/* Ends with NULL. The order is the precedence: of two that know a game, the first one's words count. */
extern const GfSource *const gf_sources[];
extern const char *const gf_source_names[]; /* the same, for tables of options */

extern const GfSource gf_source_bottles;
extern const GfSource gf_source_desktop;
extern const GfSource gf_source_heroic;
extern const GfSource gf_source_lutris;
extern const GfSource gf_source_steam;

/* NULL when there is none of that name. */
const GfSource *gf_source_find(const char *name);

/* The place in gf_sources[]; games added by hand come before all of them. */
int gf_source_rank(const char *name);

/* The source of games that were added by hand. It is never scanned. */
#define GF_SOURCE_MANUAL "manual"

GfFinds *gf_finds_new(const char *source);
void gf_finds_free(GfFinds *finds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfFinds, gf_finds_free)

/* A new entry in it, borrowed. */
GfEntry *gf_finds_add(GfFinds *finds, const char *native_id);

/* Something could not be read: say so; what is not found now is out of reach, not gone. */
void gf_finds_miss(GfFinds *finds, const char *fmt, ...) NVB_PRINTF(2, 3);
/* Something of one game could not be read; the game is there. */
void gf_finds_note_err(GfFinds *finds, const struct nvb_err *err);
void gf_finds_miss_err(GfFinds *finds, const struct nvb_err *err);
