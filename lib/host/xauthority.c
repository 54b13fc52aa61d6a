/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/display.h"

enum {
    FAMILY_LOCAL = 256,
    FAMILY_WILD = 65535,
};

/* One counted string, pointing into the file. */
struct piece {
    const unsigned char *data; /* borrowed */
    size_t len;
};

struct entry {
    unsigned family;
    struct piece address;
    struct piece number;
    struct piece name;
    struct piece cookie;
};

static bool take_u16(struct piece *rest, unsigned *out)
{
    if (rest->len < 2)
        return false;
    *out = (unsigned)rest->data[0] << 8 | rest->data[1];
    rest->data += 2;
    rest->len -= 2;
    return true;
}

static bool take_piece(struct piece *rest, struct piece *out)
{
    unsigned len = 0;

    if (!take_u16(rest, &len) || rest->len < len)
        return false;
    *out = (struct piece){ rest->data, len };
    rest->data += len;
    rest->len -= len;
    return true;
}

static bool take_entry(struct piece *rest, struct entry *out)
{
    return take_u16(rest, &out->family) && take_piece(rest, &out->address) &&
           take_piece(rest, &out->number) && take_piece(rest, &out->name) &&
           take_piece(rest, &out->cookie);
}

static bool is_text(const struct piece *piece, const char *text)
{
    return piece->len == strlen(text) && memcmp(piece->data, text, piece->len) == 0;
}

static bool is_wanted(const struct entry *entry, const char *number, const char *hostname)
{
    if (entry->number.len > 0 && !is_text(&entry->number, number))
        return false;
    if (entry->family == FAMILY_LOCAL)
        return !hostname || is_text(&entry->address, hostname);
    return entry->family == FAMILY_WILD;
}

static void add_u16(struct nvb_buf *out, size_t value)
{
    const unsigned char bytes[2] = { (unsigned char)(value >> 8), (unsigned char)value };

    nvb_buf_add(out, bytes, sizeof(bytes));
}

static void add_piece(struct nvb_buf *out, const struct piece *piece)
{
    add_u16(out, piece->len);
    nvb_buf_add(out, piece->data, piece->len);
}

bool nvb_xauthority_filter(const void *data,
                           size_t len,
                           unsigned number,
                           const char *hostname,
                           struct nvb_buf *out,
                           struct nvb_err *err)
{
    struct piece rest = { data, len };
    nvb_auto_buf kept = { 0 };
    char number_text[16];

    (void)snprintf(number_text, sizeof(number_text), "%u", number);
    while (rest.len > 0) {
        size_t at = len - rest.len;
        struct entry entry = { 0 };

        if (!take_entry(&rest, &entry)) {
            return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID,
                            "the Xauthority file is torn: the entry at byte %zu has no end", at);
        }
        if (!is_wanted(&entry, number_text, hostname))
            continue;
        add_u16(&kept, FAMILY_WILD);
        add_u16(&kept, 0);
        add_piece(&kept, &entry.number);
        add_piece(&kept, &entry.name);
        add_piece(&kept, &entry.cookie);
    }
    if (kept.len > 0)
        nvb_buf_add(out, kept.data, kept.len);
    return true;
}
