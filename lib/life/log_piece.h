/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* log_piece.h - a detached container's log in pieces: what a stream became longer by, and when. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "life/log_format.h"

struct nvb_log_piece {
    uint64_t time_us; /* when it was there, since 1970 */
    uint64_t to;      /* so long was the stream */
    unsigned stream;  /* NVB_LOG_OUT or NVB_LOG_ERR */
    bool is_rest;     /* no record is about it yet; the last of its stream */
    bool is_emptied;  /* what stood there before is gone: offsets count from 0 again */
};

struct nvb_log_pieces {
    struct nvb_log_piece *items; /* owned; the oldest first */
    size_t n;
    size_t room;
    uint64_t index_end; /* so far was the index read */
};

/* Append what the index says beyond `index_end`, and then what no record is about yet: the rest of
 * each stream. `stream_fds` are NVB_LOG_STREAMS, -1 = none. */
void nvb_log_pieces_read(struct nvb_log_pieces *pieces, int index_fd, const int *stream_fds);

/* Leave out what was emptied since. */
void nvb_log_pieces_drop_void(struct nvb_log_pieces *pieces);
void nvb_log_pieces_clear(struct nvb_log_pieces *pieces);
