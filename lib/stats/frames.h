/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* frames.h - frame times of a run: drained from the ring file, then summed up.
 *
 * The ring (layer/ring.h) is written by the game, so everything read is clamped and checked:
 * a torn, shrunk, huge or nonsensical ring gives fewer frames, never a crash or a wild figure. */
#pragma once

#include "base/json.h"
#include "base/text.h"

struct nvb_frames; /* collects over a run */

/* Make the ring file's content on an open descriptor (size, header, all slots free). */
bool nvb_ring_prepare(int fd, struct nvb_err *err);

/* Change the frame cap while games run; 0 takes it away, else 1 to 100,000 frames a second. */
bool nvb_ring_set_limit(int fd, double fps, struct nvb_err *err);

/* `take_ring_fd` is closed by free. */
struct nvb_frames *nvb_frames_new(int take_ring_fd);
void nvb_frames_free(struct nvb_frames *frames);
NVB_DEFINE_AUTOPTR(nvb_frames, nvb_frames_free)

/* Read what is new. Call it at least every NVB_RING_FRAMES frames (every 100 ms is plenty up to
 * 40,000 frames a second); what was overwritten in between is counted as lost. Never fails. */
void nvb_frames_drain(struct nvb_frames *frames);

struct nvb_frame_stats {
    /* All of the process that presented most, but for n_processes. */
    uint64_t n_frames; /* intervals between frames, plus 1; 0 = none seen */
    uint64_t n_lost;   /* overwritten before they were read */
    double seconds;    /* the sum of the intervals */
    double fps_avg;
    double fps_low_1pct; /* 1 / mean of the longest 1 % of frame times (at least one) */
    double frame_ms_median;
    double frame_ms_p99;
    double frame_ms_worst;
    double present_us_mean; /* spent inside vkQueuePresentKHR */
    unsigned width;
    unsigned height;
    unsigned n_processes; /* that presented at all */
    char program[65];     /* printable characters only */
};

void nvb_frames_stats(const struct nvb_frames *frames, struct nvb_frame_stats *out);

/* {"frames": N, "lost": N, "seconds": .., "fps": {..}, "frame_ms": {..}, "present_us": {..},
 *  "width": N, "height": N, "processes": N, "program": "..",
 *  "raw_frame_ns": [...], "raw_left_out": N}, the last two only when asked for */
struct nvb_json *nvb_frames_to_json(const struct nvb_frames *frames, bool with_raw);
