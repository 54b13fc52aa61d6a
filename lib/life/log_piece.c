/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/log_piece.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum {
    RECORDS_AT_ONCE = 4096,
};

static void add(struct nvb_log_pieces *pieces, const struct nvb_log_piece *piece)
{
    if (pieces->n == pieces->room) {
        pieces->room = pieces->room ? pieces->room * 2 : 64;
        pieces->items = nvb_xrealloc(pieces->items, pieces->room, sizeof(*pieces->items));
    }
    pieces->items[pieces->n++] = *piece;
}

static void add_record(struct nvb_log_pieces *pieces, const struct nvb_log_record *record)
{
    const struct nvb_log_piece piece = {
        .time_us = record->time_us,
        .to = record->where & NVB_LOG_END,
        .stream = record->where & NVB_LOG_IS_ERR ? NVB_LOG_ERR : NVB_LOG_OUT,
        .is_emptied = (record->where & NVB_LOG_IS_EMPTIED) != 0,
    };

    if (record->time_us != 0) /* a hole */
        add(pieces, &piece);
}

static void read_index(struct nvb_log_pieces *pieces, int index_fd)
{
    struct nvb_log_record records[RECORDS_AT_ONCE];
    off_t data = lseek(index_fd, (off_t)pieces->index_end, SEEK_DATA);
    ssize_t len = 0;

    if (data > (off_t)pieces->index_end)
        pieces->index_end = (uint64_t)data / sizeof(records[0]) * sizeof(records[0]);
    while ((len = pread(index_fd, records, sizeof(records), (off_t)pieces->index_end)) >=
           (ssize_t)sizeof(records[0])) {
        size_t n = (size_t)len / sizeof(records[0]);

        for (size_t i = 0; i < n; i++)
            add_record(pieces, &records[i]);
        pieces->index_end += n * sizeof(records[0]);
    }
}

/* Written this very moment, or while nobody watched: the file knows when it was written to last. */
static void add_rest(struct nvb_log_pieces *pieces, unsigned stream, int fd)
{
    struct nvb_log_piece piece = { .stream = stream, .is_rest = true };
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    piece.to = (uint64_t)st.st_size;
    piece.time_us = (uint64_t)st.st_mtim.tv_sec * 1000000 + (uint64_t)st.st_mtim.tv_nsec / 1000;
    add(pieces, &piece);
}

/* By time, as all others are. */
static void sort_rests(struct nvb_log_pieces *pieces)
{
    struct nvb_log_piece *last = pieces->n >= 2 ? &pieces->items[pieces->n - 2] : NULL;
    struct nvb_log_piece first;

    if (!last || !last[0].is_rest || last[0].time_us <= last[1].time_us)
        return;
    first = last[0];
    last[0] = last[1];
    last[1] = first;
}

void nvb_log_pieces_read(struct nvb_log_pieces *pieces, int index_fd, const int *stream_fds)
{
    pieces->n = 0;
    if (index_fd >= 0)
        read_index(pieces, index_fd);
    for (unsigned i = 0; i < NVB_LOG_STREAMS; i++)
        add_rest(pieces, i, stream_fds[i]);
    sort_rests(pieces);
}

void nvb_log_pieces_drop_void(struct nvb_log_pieces *pieces)
{
    bool is_void[NVB_LOG_STREAMS] = { 0 };
    size_t kept = pieces->n;

    for (size_t i = pieces->n; i-- > 0;) {
        const struct nvb_log_piece piece = pieces->items[i];

        if (!is_void[piece.stream])
            pieces->items[--kept] = piece;
        is_void[piece.stream] = is_void[piece.stream] || piece.is_emptied;
    }
    pieces->n -= kept;
    for (size_t i = 0; i < pieces->n; i++)
        pieces->items[i] = pieces->items[kept + i];
}

void nvb_log_pieces_clear(struct nvb_log_pieces *pieces)
{
    free(pieces->items);
    *pieces = (struct nvb_log_pieces){ 0 };
}
