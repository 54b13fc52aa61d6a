/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "peek.h"

struct peek {
    const struct source *from; /* borrowed */
    struct nvb_buf head;
    bool is_given; /* the head was */
};

bool peek_new(const struct source *from, struct peek **out, struct nvb_err *err)
{
    nvb_autoptr(peek) peek = nvb_xcalloc(1, sizeof(*peek));
    size_t len = 0;

    peek->from = from;
    nvb_buf_add(&peek->head, "", 0);
    do {
        const void *bytes = NULL;

        if (!from->next(from->data, &bytes, &len, err))
            return false;
        nvb_buf_add(&peek->head, bytes, len);
    } while (len > 0 && peek->head.len < PEEK_SIZE);
    *out = nvb_steal(&peek);
    return true;
}

const void *peek_bytes(const struct peek *peek, size_t *out_len)
{
    *out_len = peek->head.len;
    return peek->head.data;
}

static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct peek *peek = data;

    if (peek->is_given || peek->head.len == 0)
        return peek->from->next(peek->from->data, out_bytes, out_len, err);
    peek->is_given = true;
    *out_bytes = peek->head.data;
    *out_len = peek->head.len;
    return true;
}

struct source peek_get(struct peek *peek)
{
    return (struct source){ .next = next, .data = peek };
}

void peek_free(struct peek *peek)
{
    if (!peek)
        return;
    nvb_buf_clear(&peek->head);
    free(peek);
}
