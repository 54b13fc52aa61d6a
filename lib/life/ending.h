/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ending.h - how a detached container ended last: exit.json.
 *
 *   {"status":0,"started_ns":...,"finished_ns":...,"failures":0,"delay_ms":100}
 *
 * "status" is null when nobody saw it end. An "error" says why a start failed; no policy follows
 * upon that. */
#pragma once

#include "life/restart.h"

enum {
    NVB_ENDING_TEXT = 256,
};

struct nvb_ending {
    bool is_known;
    unsigned status;      /* the command's own, or 128 + signal */
    uint64_t started_ns;  /* since 1970; 0 = not known */
    uint64_t finished_ns; /* 0 = not known */
    struct nvb_restart_count count;
    char *error; /* owned; NULL = it ran */
};

/* The line above with its end, without the error; the C library alone, for the supervisor. */
size_t nvb_ending_print(const struct nvb_ending *ending, char out[NVB_ENDING_TEXT]);

/* Of the container's directory; false when there is none that can be read. */
bool nvb_ending_read(int dir_fd, struct nvb_ending *out);
bool nvb_ending_write(int dir_fd, const struct nvb_ending *ending, struct nvb_err *err);
void nvb_ending_clear(struct nvb_ending *ending);
#define nvb_auto_ending __attribute__((cleanup(nvb_ending_clear))) struct nvb_ending
