/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* log.h - reading what a detached container wrote, line by line and in the order of time.
 *
 * A line belongs to the moment at which it was whole: a piece's last words without a line end wait
 * for the stream's next piece, so that two streams never mix within a line. */
#pragma once

#include "life/log_piece.h"
#include "nvbind/error.h"

struct nvb_log {
    int index_fd;                    /* owned; -1 = none */
    int stream_fds[NVB_LOG_STREAMS]; /* owned; -1 = none */
    uint64_t shown[NVB_LOG_STREAMS]; /* so far */
    bool is_within[NVB_LOG_STREAMS]; /* part of a line was shown */
    struct nvb_log_pieces pieces;    /* to be shown */
};

#define NVB_LOG_INIT                              \
    {                                             \
        .index_fd = -1, .stream_fds = { -1, -1 }, \
    }

/* A line, or where it is very long or not whole a part of it. */
struct nvb_log_part {
    uint64_t time_us;
    bool is_err;
    bool is_begin;
    bool is_end;
    const char *text; /* any bytes but a line end */
    size_t len;
};

typedef void (*nvb_log_fn)(void *data, const struct nvb_log_part *part);

/* NVB_E_NOT_FOUND: it has none. */
bool nvb_log_open(int record_fd, struct nvb_log *out, struct nvb_err *err);
void nvb_log_clear(struct nvb_log *log);
#define nvb_auto_log __attribute__((cleanup(nvb_log_clear))) struct nvb_log

/* Leave out what was whole before this time, or after it. */
void nvb_log_begin_at(struct nvb_log *log, uint64_t time_us);
void nvb_log_end_at(struct nvb_log *log, uint64_t time_us);

/* Leave out all but the last lines. */
void nvb_log_keep_last(struct nvb_log *log, uint64_t n_lines);

/* Show what is left. A line that is not whole yet only when `is_whole`. */
void nvb_log_show(struct nvb_log *log, bool is_whole, nvb_log_fn fn, void *data);

/* What came since. */
void nvb_log_look_again(struct nvb_log *log);
