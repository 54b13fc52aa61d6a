/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/vdf.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "core/vdf_internal.h"

enum {
    BLOCK_NODES = 512,
    BLOCK_WORDS = 4096, /* bytes */
};

struct GfVdf {
    GfVdfNode root;
    char *bytes;         /* owned */
    GPtrArray *blocks;   /* owned; arrays of BLOCK_NODES nodes */
    size_t n_in_block;   /* used in the last one */
    GStringChunk *words; /* owned; NULL until one is kept */
};

GfVdf *gf_vdf_new(const char *bytes, size_t len)
{
    GfVdf *vdf = g_new0(GfVdf, 1);

    vdf->root.key = "";
    vdf->bytes = g_malloc(len + 1);
    if (len > 0)
        memcpy(vdf->bytes, bytes, len);
    vdf->bytes[len] = '\0';
    vdf->blocks = g_ptr_array_new_with_free_func(g_free);
    vdf->n_in_block = BLOCK_NODES;
    return vdf;
}

void gf_vdf_free(GfVdf *vdf)
{
    if (!vdf)
        return;
    g_ptr_array_unref(vdf->blocks);
    g_clear_pointer(&vdf->words, g_string_chunk_free);
    g_free(vdf->bytes);
    g_free(vdf);
}

char *gf_vdf_bytes(GfVdf *vdf)
{
    return vdf->bytes;
}

GfVdfNode *gf_vdf_edit_root(GfVdf *vdf)
{
    return &vdf->root;
}

const GfVdfNode *gf_vdf_root(const GfVdf *vdf)
{
    return &vdf->root;
}

const char *gf_vdf_keep(GfVdf *vdf, const char *word, size_t len)
{
    if (!vdf->words)
        vdf->words = g_string_chunk_new(BLOCK_WORDS);
    return g_string_chunk_insert_len(vdf->words, word, (gssize)len);
}

GfVdfNode *gf_vdf_add(GfVdf *vdf, GfVdfNode *parent, GfVdfType type, const char *key)
{
    GfVdfNode *node = NULL;

    if (vdf->n_in_block == BLOCK_NODES) {
        g_ptr_array_add(vdf->blocks, g_new0(GfVdfNode, BLOCK_NODES));
        vdf->n_in_block = 0;
    }
    node = g_ptr_array_index(vdf->blocks, vdf->blocks->len - 1);
    node += vdf->n_in_block++;
    node->type = type;
    node->key = key;
    if (parent->last) {
        parent->last->next = node;
    } else {
        parent->first = node;
    }
    parent->last = node;
    return node;
}

const GfVdfNode *gf_vdf_get(const GfVdfNode *map, const char *key)
{
    const GfVdfNode *node = map ? map->first : NULL;

    while (node && g_ascii_strcasecmp(node->key, key) != 0)
        node = node->next;
    return node;
}

const GfVdfNode *gf_vdf_find(const GfVdfNode *map, ...)
{
    const char *key = NULL;
    va_list keys;

    va_start(keys, map);
    while (map && (key = va_arg(keys, const char *)))
        map = gf_vdf_get(map, key);
    va_end(keys);
    return map;
}

const char *gf_vdf_get_text(const GfVdfNode *map, const char *key)
{
    const GfVdfNode *node = gf_vdf_get(map, key);

    return node ? node->text : NULL;
}

bool gf_vdf_get_u64(const GfVdfNode *map, const char *key, uint64_t *out)
{
    const GfVdfNode *node = gf_vdf_get(map, key);

    if (!node || node->type == GF_VDF_MAP)
        return false;
    if (node->text)
        return nvb_parse_u64(node->text, UINT64_MAX, out);
    *out = node->bits;
    return true;
}
