/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* vdf.h - Valve's trees of keys and values, as text (.vdf, .acf) and as bytes (shortcuts.vdf).
 *
 * A document owns its nodes and their words: everything reached from the root lives as long as it.
 * Keys are compared without regard to case, since it changes between versions of the client; of
 * equal keys the first counts. Words are bytes: they need not be UTF-8. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvbind/error.h"

/* The numbers are those of the binary form. */
typedef enum {
    GF_VDF_MAP = 0,
    GF_VDF_TEXT = 1,
    GF_VDF_INT32 = 2,
    GF_VDF_FLOAT = 3,
    GF_VDF_POINTER = 4,
    GF_VDF_WIDE_TEXT = 5, /* UTF-16 in the file, UTF-8 here */
    GF_VDF_COLOUR = 6,
    GF_VDF_UINT64 = 7,
    GF_VDF_INT64 = 10,
} GfVdfType;

typedef struct GfVdfNode GfVdfNode;
typedef struct GfVdf GfVdf;

struct GfVdfNode {
    GfVdfType type;
    const char *key;  /* "" of the root */
    const char *text; /* of the two kinds of text, else NULL */
    uint64_t bits;    /* of numbers, as the file has them */
    GfVdfNode *first; /* of a map: its children */
    GfVdfNode *last;
    GfVdfNode *next;
};

enum {
    GF_VDF_DEPTH_MAX = 64,
};

/* `name` is what an error calls the file. A file that ends too early, as one does that is being
 * written, is refused whole. */
bool gf_vdf_parse_text(const char *text,
                       size_t len,
                       const char *name,
                       GfVdf **out_vdf,
                       struct nvb_err *err);
bool gf_vdf_parse_bytes(const char *bytes,
                        size_t len,
                        const char *name,
                        GfVdf **out_vdf,
                        struct nvb_err *err);
void gf_vdf_free(GfVdf *vdf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfVdf, gf_vdf_free)

const GfVdfNode *gf_vdf_root(const GfVdf *vdf);

/* The child of that key, or NULL; `map` may be NULL or no map. */
const GfVdfNode *gf_vdf_get(const GfVdfNode *map, const char *key);

/* The same down a path of keys, which ends with NULL. */
const GfVdfNode *gf_vdf_find(const GfVdfNode *map, ...) G_GNUC_NULL_TERMINATED;

/* The text of a child, or NULL. */
const char *gf_vdf_get_text(const GfVdfNode *map, const char *key);

/* The number of a child, be it one or decimal text; false when there is none. */
bool gf_vdf_get_u64(const GfVdfNode *map, const char *key, uint64_t *out);

/* Back to a file; what was parsed from it again is the same tree. Of text only maps and text can
 * be written: numbers become text. Caller frees. */
char *gf_vdf_dup_text(const GfVdf *vdf);
char *gf_vdf_dup_bytes(const GfVdf *vdf, size_t *out_len);
