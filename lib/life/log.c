/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "life/places.h"

enum {
    BLOCK = 65536,
};

/* Behind the last line end of [from, to), or `from`. */
static uint64_t line_begin(int fd, uint64_t from, uint64_t to)
{
    char block[BLOCK];

    while (to > from) {
        size_t want = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        ssize_t len = pread(fd, block, want, (off_t)(to - want));
        const char *end = len == (ssize_t)want ? memrchr(block, '\n', want) : NULL;

        if (end)
            return to - want + (uint64_t)(end - block) + 1;
        to -= want;
    }
    return from;
}

/* Behind the n-th line end of [from, to), or the last; how many there were. */
static uint64_t skip_lines(int fd, uint64_t *from, uint64_t to, uint64_t n)
{
    char block[BLOCK];
    uint64_t found = 0;
    uint64_t at = *from;

    while (at < to && found < n) {
        ssize_t len = pread(fd, block, to - at < BLOCK ? (size_t)(to - at) : BLOCK, (off_t)at);
        const char *p = block;
        const char *end = NULL;

        if (len <= 0)
            break;
        while (found < n && (end = memchr(p, '\n', (size_t)(block + len - p)))) {
            p = end + 1;
            found++;
            *from = at + (uint64_t)(p - block);
        }
        at += (uint64_t)len;
    }
    return found;
}

/* Where what is still there begins. Holes are punched in whole blocks, so the first line may be torn. */
static uint64_t begin_of(int fd)
{
    off_t data = fd < 0 ? 0 : lseek(fd, 0, SEEK_DATA);
    off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    uint64_t begin = data > 0 ? (uint64_t)data : 0;

    if (begin > 0)
        (void)skip_lines(fd, &begin, (uint64_t)end, 1);
    return begin;
}

bool nvb_log_open(int record_fd, struct nvb_log *out, struct nvb_err *err)
{
    static const char *const names[NVB_LOG_STREAMS] = {
        NVB_LOG_DIR "/" NVB_LOG_STDOUT,
        NVB_LOG_DIR "/" NVB_LOG_STDERR,
    };
    const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;

    *out = (struct nvb_log)NVB_LOG_INIT;
    if (faccessat(record_fd, NVB_LOG_DIR, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "it never ran");
    out->index_fd = openat(record_fd, NVB_LOG_DIR "/" NVB_LOG_INDEX, flags);
    for (int i = 0; i < NVB_LOG_STREAMS; i++) {
        out->stream_fds[i] = openat(record_fd, names[i], flags);
        out->shown[i] = begin_of(out->stream_fds[i]);
    }
    nvb_log_pieces_read(&out->pieces, out->index_fd, out->stream_fds);
    nvb_log_pieces_drop_void(&out->pieces);
    return true;
}

void nvb_log_clear(struct nvb_log *log)
{
    if (log->index_fd >= 0)
        (void)close(log->index_fd);
    for (int i = 0; i < NVB_LOG_STREAMS; i++) {
        if (log->stream_fds[i] >= 0)
            (void)close(log->stream_fds[i]);
    }
    nvb_log_pieces_clear(&log->pieces);
    *log = (struct nvb_log)NVB_LOG_INIT;
}

static void pass_over(struct nvb_log *log, const struct nvb_log_piece *piece)
{
    uint64_t *shown = &log->shown[piece->stream];

    if (piece->to > *shown)
        *shown = line_begin(log->stream_fds[piece->stream], *shown, piece->to);
}

/* Show none of the first `n` pieces. */
static void drop_first(struct nvb_log *log, size_t n)
{
    struct nvb_log_pieces *pieces = &log->pieces;

    for (size_t i = n; i-- > 0;)
        pass_over(log, &pieces->items[i]);
    pieces->n -= n;
    memmove(pieces->items, pieces->items + n, pieces->n * sizeof(*pieces->items));
}

/* The rest of a stream that is silent since long has an old time and stands last, nevertheless. */
static void keep_between(struct nvb_log *log, uint64_t from_us, uint64_t to_us)
{
    size_t n = 0;

    for (size_t i = log->pieces.n; i-- > 0;) { /* the longest first: the others cost nothing then */
        if (log->pieces.items[i].time_us < from_us)
            pass_over(log, &log->pieces.items[i]);
    }
    for (size_t i = 0; i < log->pieces.n; i++) {
        const struct nvb_log_piece piece = log->pieces.items[i];

        if (piece.time_us >= from_us && piece.time_us <= to_us)
            log->pieces.items[n++] = piece;
    }
    log->pieces.n = n;
}

void nvb_log_begin_at(struct nvb_log *log, uint64_t time_us)
{
    keep_between(log, time_us, UINT64_MAX);
}

void nvb_log_end_at(struct nvb_log *log, uint64_t time_us)
{
    keep_between(log, 0, time_us);
}

/* Where each piece begins: at the end of its stream's one before. */
static uint64_t *dup_begins(const struct nvb_log *log)
{
    uint64_t *begins = nvb_xcalloc(log->pieces.n + 1, sizeof(*begins));
    uint64_t at[NVB_LOG_STREAMS];

    memcpy(at, log->shown, sizeof(at));
    for (size_t i = 0; i < log->pieces.n; i++) {
        const struct nvb_log_piece *piece = &log->pieces.items[i];

        begins[i] = at[piece->stream];
        if (piece->to > begins[i])
            at[piece->stream] = piece->to;
    }
    return begins;
}

static bool is_torn(const struct nvb_log *log, const struct nvb_log_piece *piece)
{
    char last = '\n';

    return piece->is_rest && piece->to > log->shown[piece->stream] &&
           pread(log->stream_fds[piece->stream], &last, 1, (off_t)piece->to - 1) == 1 &&
           last != '\n';
}

static void drop_all(struct nvb_log *log)
{
    for (size_t i = 0; i < log->pieces.n; i++)
        log->shown[log->pieces.items[i].stream] = log->pieces.items[i].to;
    log->pieces.n = 0;
}

void nvb_log_keep_last(struct nvb_log *log, uint64_t n_lines)
{
    nvb_autofree uint64_t *begins = dup_begins(log);
    uint64_t extra = 0;
    size_t i = log->pieces.n;

    if (n_lines == 0)
        drop_all(log);
    while (n_lines > 0 && i-- > 0) {
        const struct nvb_log_piece *piece = &log->pieces.items[i];
        uint64_t from = begins[i];
        uint64_t n = skip_lines(log->stream_fds[piece->stream], &from, piece->to, UINT64_MAX) +
                     is_torn(log, piece);

        if (n >= n_lines) {
            const struct nvb_log_piece first = *piece;

            extra = n - n_lines;
            drop_first(log, i);
            (void)skip_lines(log->stream_fds[first.stream], &log->shown[first.stream], first.to,
                             extra);
            return;
        }
        n_lines -= n;
    }
}

/* How much of the text was shown. */
static size_t show_lines(struct nvb_log *log,
                         const struct nvb_log_piece *piece,
                         const char *text,
                         size_t len,
                         bool has_rest,
                         nvb_log_fn fn,
                         void *data)
{
    bool *is_within = &log->is_within[piece->stream];
    size_t at = 0;

    while (at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        struct nvb_log_part part = {
            .time_us = piece->time_us,
            .is_err = piece->stream == NVB_LOG_ERR,
            .is_begin = !*is_within,
            .is_end = end != NULL,
            .text = text + at,
            .len = end ? (size_t)(end - text) - at : len - at,
        };

        if (!end && !has_rest)
            break;
        fn(data, &part);
        *is_within = !end;
        at += part.len + (end != NULL);
    }
    return at;
}

static void show_piece(struct nvb_log *log,
                       const struct nvb_log_piece *piece,
                       bool is_whole,
                       nvb_log_fn fn,
                       void *data)
{
    uint64_t *shown = &log->shown[piece->stream];
    char block[BLOCK];

    if (piece->to < *shown && (piece->is_rest || piece->is_emptied))
        *shown = 0;
    while (*shown < piece->to) {
        uint64_t left = piece->to - *shown;
        ssize_t len = pread(log->stream_fds[piece->stream], block,
                            left < BLOCK ? (size_t)left : BLOCK, (off_t)*shown);
        bool has_rest = len == BLOCK ? !memchr(block, '\n', BLOCK)
                                     : is_whole && piece->is_rest && (uint64_t)len == left;
        size_t used = len <= 0 ? 0 : show_lines(log, piece, block, (size_t)len, has_rest, fn, data);

        *shown += used;
        if (used == 0)
            break;
    }
}

void nvb_log_show(struct nvb_log *log, bool is_whole, nvb_log_fn fn, void *data)
{
    for (size_t i = 0; i < log->pieces.n; i++)
        show_piece(log, &log->pieces.items[i], is_whole, fn, data);
    log->pieces.n = 0;
}

void nvb_log_look_again(struct nvb_log *log)
{
    nvb_log_pieces_read(&log->pieces, log->index_fd, log->stream_fds);
}
