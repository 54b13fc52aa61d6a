/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "core/vdf_internal.h"

enum {
    TYPE_END = 8,
};

typedef struct {
    GfVdf *vdf;
    const char *at;
    const char *end;
    const char *start;
    const char *name;
    struct nvb_err *err;
} Reader;

static bool fail(const Reader *r, const char *what)
{
    return nvb_fail(r->err, NVB_D_GAMES, NVB_E_INVALID, "%s: at byte %td: %s", r->name,
                    r->at - r->start, what);
}

static bool fail_short(const Reader *r)
{
    return fail(r, "it ends too early");
}

static bool read_word(Reader *r, const char **out_word)
{
    const char *end = memchr(r->at, '\0', (size_t)(r->end - r->at));

    if (!end)
        return fail_short(r);
    *out_word = r->at;
    r->at = end + 1;
    return true;
}

static bool read_wide(Reader *r, const char **out_word)
{
    g_autofree gunichar2 *units = NULL;
    g_autofree char *text = NULL;
    size_t n_max = (size_t)(r->end - r->at) / sizeof(*units);
    size_t n = 0;

    while (n < n_max && (r->at[2 * n] || r->at[2 * n + 1]))
        n++;
    if (n == n_max)
        return fail_short(r);
    units = g_new(gunichar2, n + 1);
    for (size_t i = 0; i < n; i++) {
        units[i] =
            (gunichar2)((unsigned char)r->at[2 * i] | ((unsigned char)r->at[2 * i + 1] << 8));
    }
    text = g_utf16_to_utf8(units, (glong)n, NULL, NULL, NULL);
    if (!text)
        return fail(r, "its text is no UTF-16");
    *out_word = gf_vdf_keep(r->vdf, text, strlen(text));
    r->at += 2 * (n + 1);
    return true;
}

static size_t get_width(GfVdfType type)
{
    return type == GF_VDF_UINT64 || type == GF_VDF_INT64 ? sizeof(uint64_t) : sizeof(uint32_t);
}

static bool read_number(Reader *r, GfVdfNode *node)
{
    size_t width = get_width(node->type);

    if ((size_t)(r->end - r->at) < width)
        return fail_short(r);
    for (size_t i = 0; i < width; i++)
        node->bits |= (uint64_t)(unsigned char)r->at[i] << (8 * i);
    r->at += width;
    return true;
}

static bool read_map(Reader *r, GfVdfNode *map, unsigned depth);

static bool read_value(Reader *r, GfVdfNode *node, unsigned depth)
{
    switch (node->type) {
    case GF_VDF_MAP:
        if (depth == GF_VDF_DEPTH_MAX)
            return fail(r, "it is too deep");
        return read_map(r, node, depth + 1);
    case GF_VDF_TEXT:
        return read_word(r, &node->text);
    case GF_VDF_WIDE_TEXT:
        return read_wide(r, &node->text);
    case GF_VDF_INT32:
    case GF_VDF_FLOAT:
    case GF_VDF_POINTER:
    case GF_VDF_COLOUR:
    case GF_VDF_UINT64:
    case GF_VDF_INT64:
        return read_number(r, node);
    default:
        return fail(r, "there is a value of an unknown type");
    }
}

/* The outermost map may end with the file: what is in it is whole. */
static bool read_map(Reader *r, GfVdfNode *map, unsigned depth)
{
    while (r->at < r->end) {
        unsigned char type = (unsigned char)*r->at++;
        const char *key = NULL;

        if (type == TYPE_END)
            return true;
        if (!read_word(r, &key) ||
            !read_value(r, gf_vdf_add(r->vdf, map, (GfVdfType)type, key), depth))
            return false;
    }
    return depth == 0 || fail_short(r);
}

bool gf_vdf_parse_bytes(const char *bytes,
                        size_t len,
                        const char *name,
                        GfVdf **out_vdf,
                        struct nvb_err *err)
{
    g_autoptr(GfVdf) vdf = gf_vdf_new(bytes, len);
    const char *copy = gf_vdf_bytes(vdf);
    Reader r = {
        .vdf = vdf, .at = copy, .end = copy + len, .start = copy, .name = name, .err = err
    };

    if (!read_map(&r, gf_vdf_edit_root(vdf), 0))
        return false;
    *out_vdf = g_steal_pointer(&vdf);
    return true;
}

static void write_wide(const char *text, GByteArray *out)
{
    g_autofree gunichar2 *units = g_utf8_to_utf16(text, -1, NULL, NULL, NULL);

    for (const gunichar2 *unit = units;; unit++) {
        guint8 bytes[] = { (guint8)(*unit & 0xff), (guint8)(*unit >> 8) };

        g_byte_array_append(out, bytes, sizeof(bytes));
        if (!*unit)
            return;
    }
}

static void write_word(const char *word, GByteArray *out)
{
    g_byte_array_append(out, (const guint8 *)word, (guint)strlen(word) + 1);
}

static void write_number(const GfVdfNode *node, GByteArray *out)
{
    for (size_t i = 0; i < get_width(node->type); i++) {
        guint8 byte = (guint8)(node->bits >> (8 * i));

        g_byte_array_append(out, &byte, 1);
    }
}

static void write_children(const GfVdfNode *map, GByteArray *out)
{
    static const guint8 end = TYPE_END;

    for (const GfVdfNode *node = map->first; node; node = node->next) {
        guint8 type = (guint8)node->type;

        g_byte_array_append(out, &type, 1);
        write_word(node->key, out);
        if (node->type == GF_VDF_MAP) {
            write_children(node, out);
        } else if (node->type == GF_VDF_TEXT) {
            write_word(node->text, out);
        } else if (node->type == GF_VDF_WIDE_TEXT) {
            write_wide(node->text, out);
        } else {
            write_number(node, out);
        }
    }
    g_byte_array_append(out, &end, 1);
}

char *gf_vdf_dup_bytes(const GfVdf *vdf, size_t *out_len)
{
    GByteArray *out = g_byte_array_new();

    write_children(gf_vdf_root(vdf), out);
    *out_len = out->len;
    return (char *)g_byte_array_free(out, FALSE);
}
