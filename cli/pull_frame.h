/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull_frame.h - a pull as lines of text that fit a terminal: one for all of it, one for each layer
 * that is on its way.
 *
 *   ubuntu:24.04 (linux/amd64)  3/8 layers  120.3/300.1 MB  45.2 MB/s  4 s left
 *     9cb31e2e37ea [=================>            ]   52.1/75.2 MB
 *     1f6bb0a3cd52 waiting for another pull */
#pragma once

#include "image/pull_state.h"

/* How fast it goes: over the last seconds, not since the beginning. */
enum {
    PULL_PACE_SAMPLES = 16,
};

struct pull_pace {
    uint64_t at_ms[PULL_PACE_SAMPLES];
    uint64_t bytes[PULL_PACE_SAMPLES];
    size_t n; /* since the beginning; the newest is (n - 1) % PULL_PACE_SAMPLES */
};

void pull_pace_note(struct pull_pace *pace, uint64_t now_ms, uint64_t n_bytes);
uint64_t pull_pace_rate(const struct pull_pace *pace); /* bytes a second; 0 = not known yet */

/* Of the layers that were not here: what has come, and what there is to come in all. */
void pull_count(const struct nvb_pull_state *state, uint64_t *out_come, uint64_t *out_all);

struct pull_frame {
    const struct nvb_pull_state *state;
    uint64_t rate;
    unsigned width; /* of the terminal */
    unsigned height;
};

/* Lines of printable ASCII without control characters, each shorter than the width, fewer than the
 * height. */
void pull_frame_draw(const struct pull_frame *frame, struct nvb_strv *out_lines);

/* "4 min 10 s". Yours to free. */
char *pull_dup_duration(uint64_t seconds);
