/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* restart.h - does a policy start a container again, and after how long? The C library alone: the
 * supervisor asks, and whoever finds that a supervisor is gone. */
#pragma once

#include "nvbind/request.h"

enum {
    NVB_RESTART_FIRST_MS = 100, /* the wait; doubled each time it ends soon again ... */
    NVB_RESTART_LAST_MS = 60000,
    NVB_RESTART_SETTLED_MS = 10000, /* ... and forgotten once it stayed up for so long */
};

struct nvb_restart_count {
    unsigned failures; /* in a row */
    unsigned delay_ms; /* before the next start; 0 = it never ended yet */
};

/* One more end. What is not known to have gone well is a failure. */
void nvb_restart_count_end(struct nvb_restart_count *count, bool is_failure, uint64_t up_ms);

/* After an end that no user wanted. */
bool nvb_restart_is_due(enum nvb_restart policy,
                        unsigned max,
                        const struct nvb_restart_count *count);
