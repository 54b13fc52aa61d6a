/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* run_report.h - the figures of one `nvbind run`: the phases of its start and its frame times,
 * for people (--timing) and as JSON (--report). */
#pragma once

#include "base/text.h"
#include "resolve/plan.h"
#include "run/bolt.h"
#include "stats/frames.h"

enum {
    REPORT_STAGES_MAX = 8,
};

/* The stages before the engine, in the order in which they end. */
struct run_report {
    uint64_t begin_ns;

    struct {
        const char *name;
        uint64_t end_ns;
    } stages[REPORT_STAGES_MAX];

    size_t n_stages;
    struct nvb_frames *frames; /* owned; NULL when none are measured */
    uint64_t frame_cap;        /* that games get from their first frame on; 0 = none */
};

void run_report_begin(struct run_report *report);
void run_report_stage(struct run_report *report, const char *name);
void run_report_clear(struct run_report *report);

/* What the engine calls while the container runs: collect frames. */
struct nvb_run_watch run_report_watch(struct run_report *report);

/* The phases in microseconds and a line on frames, on stderr. */
void run_report_print(const struct run_report *report, const struct nvb_run_result *result);

/* Write the JSON with raw frame times to `path`, at once. */
bool run_report_write(const struct run_report *report,
                      const struct nvb_plan *plan,
                      const struct nvb_run_result *result,
                      const char *path,
                      struct nvb_err *err);
