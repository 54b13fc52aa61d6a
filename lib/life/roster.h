/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* roster.h - which containers there are. */
#pragma once

#include "life/face.h"
#include "life/state.h"

struct nvb_listed {
    char id[NVB_ID_SIZE];
    struct nvb_status status;
    struct nvb_face face;
};

struct nvb_roster {
    struct nvb_listed *items; /* owned; the youngest first */
    size_t n;
    struct nvb_strv faults; /* why others are not listed */
};

/* Those that run, or all. */
void nvb_roster_look(const struct nvb_places *places, bool is_all, struct nvb_roster *out);
void nvb_roster_clear(struct nvb_roster *roster);
#define nvb_auto_roster __attribute__((cleanup(nvb_roster_clear))) struct nvb_roster

/* One of them; false when there is no such container, or its record cannot be read. */
bool nvb_listed_look(const struct nvb_places *places,
                     const char *id,
                     struct nvb_listed *out,
                     struct nvb_err *err);
void nvb_listed_clear(struct nvb_listed *listed);
#define nvb_auto_listed __attribute__((cleanup(nvb_listed_clear))) struct nvb_listed

/* The id of what a person means: a name, an id, or the first digits of one alone. */
bool nvb_roster_find(const struct nvb_places *places,
                     const char *word,
                     char out_id[NVB_ID_SIZE],
                     struct nvb_err *err);
