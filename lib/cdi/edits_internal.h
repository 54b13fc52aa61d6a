/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* edits_internal.h - the lists of container edits seen alike: five arrays of entries that can be
 * cleared, copied and compared. Only for lib/cdi. */
#pragma once

#include "base/json_sink.h"
#include "cdi/edits.h"

enum edit_kind_index {
    EDIT_NODES,
    EDIT_NET_DEVICES,
    EDIT_HOOKS,
    EDIT_MOUNTS,
    EDIT_GIDS,
};

struct edit_kind {
    size_t size;         /* of one entry */
    size_t items_offset; /* in struct nvb_edits */
    size_t n_offset;
    void (*clear)(void *item);
    void (*copy)(void *to, const void *from);
    bool (*is_same)(const void *a, const void *b);
};

struct edit_list {
    void **items;
    size_t *n;
};

extern const struct edit_kind edit_kinds[]; /* by edit_kind_index; ends with a size of 0 */

struct edit_list edit_list_of(struct nvb_edits *edits, const struct edit_kind *kind);
/* The same of edits that must not change: only to be read. */
struct edit_list edit_list_look(const struct nvb_edits *edits, const struct edit_kind *kind);
void *edit_list_grow(struct edit_list list, const struct edit_kind *kind);

/* A new entry of zeroes; good until the next call. */
void *nvb_edits_grow(struct nvb_edits *edits, enum edit_kind_index index);

bool edit_is_same_node(const void *a, const void *b);
bool edit_is_same_net_device(const void *a, const void *b);
bool edit_is_same_hook(const void *a, const void *b);
bool edit_is_same_mount(const void *a, const void *b);
bool edit_is_same_gid(const void *a, const void *b);

void nvb_intel_rdt_free(struct nvb_intel_rdt *rdt);
struct nvb_intel_rdt *edit_dup_intel_rdt(const struct nvb_intel_rdt *rdt);

/* As nvb_edits_to_json(), into a sink. */
struct nvb_json *
nvb_edits_tell(struct nvb_sink *sink, const char *key, const struct nvb_edits *edits);
