/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "expand.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
    PIECE = 256 << 10,
    MAGIC = 6, /* bytes that tell the kind */
    GZIP_WINDOW = 15 + 16,
    ZSTD_WINDOW_LOG = 27,
};

enum kind {
    KIND_UNKNOWN = 0,
    KIND_PLAIN,
    KIND_GZIP,
    KIND_ZSTD,
};

struct expand {
    const struct source *packed; /* borrowed */
    const char *name;            /* borrowed */
    enum kind kind;
    char head[MAGIC]; /* until the kind is known */
    size_t n_head;
    const char *in; /* borrowed from the source */
    size_t n_in;
    bool is_at_end;  /* of the packed bytes */
    bool is_between; /* members or frames: the end may come here */
    char *out;       /* owned */
    z_stream zlib;
    ZSTD_DStream *zstd; /* owned */
};

struct expand *expand_new(const struct source *packed, const char *name)
{
    struct expand *e = nvb_xcalloc(1, sizeof(*e));

    e->packed = packed;
    e->name = name;
    e->out = nvb_xcalloc(1, PIECE);
    return e;
}

void expand_free(struct expand *expand)
{
    if (!expand)
        return;
    if (expand->kind == KIND_GZIP)
        (void)inflateEnd(&expand->zlib);
    (void)ZSTD_freeDStream(expand->zstd);
    free(expand->out);
    free(expand);
}

static bool fail(const struct expand *e, struct nvb_err *err, const char *what)
{
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s %s", e->name, what);
}

/* More packed bytes, unless some are left or there are none. */
static bool fill(struct expand *e, struct nvb_err *err)
{
    const void *bytes = NULL;

    if (e->n_in > 0 || e->is_at_end)
        return true;
    if (!e->packed->next(e->packed->data, &bytes, &e->n_in, err))
        return false;
    e->in = bytes;
    e->is_at_end = e->n_in == 0;
    return true;
}

static bool begins(const struct expand *e, const char *magic, size_t len)
{
    return e->n_head >= len && memcmp(e->head, magic, len) == 0;
}

static bool is_zstd(const struct expand *e)
{
    /* A frame, or one that is to be skipped: its first byte is 0x50 to 0x5f. */
    return begins(e, "\x28\xb5\x2f\xfd", 4) || (e->n_head >= 4 && (e->head[0] & 0xf0) == 0x50 &&
                                                memcmp(e->head + 1, "\x2a\x4d\x18", 3) == 0);
}

static bool start(struct expand *e, struct nvb_err *err)
{
    if (begins(e, "\x1f\x8b", 2)) {
        e->kind = KIND_GZIP;
        if (inflateInit2(&e->zlib, GZIP_WINDOW) != Z_OK)
            abort(); /* no memory */
    } else if (is_zstd(e)) {
        e->kind = KIND_ZSTD;
        e->zstd = ZSTD_createDStream();
        if (!e->zstd ||
            ZSTD_isError(ZSTD_DCtx_setParameter(e->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
            abort();
    } else if (begins(e,
                      "\xfd"
                      "7zXZ\0",
                      6) ||
               begins(e, "BZh", 3)) {
        fail(e, err, e->head[0] == 'B' ? "is packed with bzip2" : "is packed with xz");
        return nvb_hint(err, "unpack it first; nvbind reads gzip and zstd");
    } else {
        e->kind = KIND_PLAIN;
    }
    return true;
}

/* The first bytes may come one by one. */
static bool find_kind(struct expand *e, struct nvb_err *err)
{
    while (e->n_head < MAGIC && !e->is_at_end) {
        size_t n = 0;

        if (!fill(e, err))
            return false;
        n = e->n_in < MAGIC - e->n_head ? e->n_in : MAGIC - e->n_head;
        memcpy(e->head + e->n_head, e->in, n);
        e->n_head += n;
        e->in += n;
        e->n_in -= n;
    }
    return start(e, err);
}

/* The head first, as if it came from the source. */
static const char *take_input(struct expand *e, size_t *out_len, bool *out_is_head)
{
    *out_is_head = e->n_head > 0;
    *out_len = e->n_head > 0 ? e->n_head : e->n_in;
    return e->n_head > 0 ? e->head : e->in;
}

static void used_input(struct expand *e, size_t n, bool is_head)
{
    if (is_head) {
        memmove(e->head, e->head + n, e->n_head - n);
        e->n_head -= n;
    } else {
        e->in += n;
        e->n_in -= n;
    }
}

static bool step_gzip(struct expand *e,
                      const char *in,
                      size_t n_in,
                      size_t *out_used,
                      size_t *out_made,
                      struct nvb_err *err)
{
    int done = Z_OK;

    /* zlib only reads it. */
    union {
        const char *from;
        unsigned char *to;
    } face = { .from = in };

    if (e->is_between && n_in > 0) {
        (void)inflateReset(&e->zlib);
        e->is_between = false;
    }
    e->zlib.next_in = face.to;
    e->zlib.avail_in = (unsigned)n_in;
    e->zlib.next_out = (unsigned char *)e->out;
    e->zlib.avail_out = PIECE;
    done = inflate(&e->zlib, Z_NO_FLUSH);
    if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
        return fail(e, err, "is damaged: what gzip made of it cannot be read");
    e->is_between = done == Z_STREAM_END;
    *out_used = n_in - e->zlib.avail_in;
    *out_made = PIECE - e->zlib.avail_out;
    return true;
}

static bool step_zstd(struct expand *e,
                      const char *in,
                      size_t n_in,
                      size_t *out_used,
                      size_t *out_made,
                      struct nvb_err *err)
{
    ZSTD_inBuffer from = { .src = in, .size = n_in };
    ZSTD_outBuffer to = { .dst = e->out, .size = PIECE };
    size_t left = ZSTD_decompressStream(e->zstd, &to, &from);

    if (ZSTD_isError(left)) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s is damaged: %s", e->name,
                 ZSTD_getErrorName(left));
        return false;
    }
    e->is_between = left == 0;
    *out_used = from.pos;
    *out_made = to.pos;
    return true;
}

/* Until some bytes are made or the end is certain. */
static bool next_unpacked(struct expand *e, size_t *out_len, struct nvb_err *err)
{
    for (;;) {
        bool is_head = false;
        const char *in = NULL;
        size_t n_in = 0;
        size_t used = 0;

        if (e->n_head == 0 && !fill(e, err))
            return false;
        in = take_input(e, &n_in, &is_head);
        *out_len = 0;
        if (n_in == 0 && e->is_between)
            return true;
        if (e->kind == KIND_GZIP ? !step_gzip(e, in, n_in, &used, out_len, err)
                                 : !step_zstd(e, in, n_in, &used, out_len, err))
            return false;
        used_input(e, used, is_head);
        if (*out_len > 0)
            return true;
        if (used == 0 && n_in == 0)
            return e->is_between || fail(e, err, "is cut off");
    }
}

static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct expand *e = data;

    if (e->kind == KIND_UNKNOWN && !find_kind(e, err))
        return false;
    if (e->kind != KIND_PLAIN) {
        *out_bytes = e->out;
        return next_unpacked(e, out_len, err);
    }
    if (e->n_head > 0) {
        memcpy(e->out, e->head, e->n_head);
        *out_bytes = e->out;
        *out_len = e->n_head;
        e->n_head = 0;
        return true;
    }
    if (!fill(e, err))
        return false;
    *out_bytes = e->in;
    *out_len = e->n_in;
    e->n_in = 0;
    return true;
}

struct source expand_get(struct expand *expand)
{
    return (struct source){ .next = next, .data = expand };
}
