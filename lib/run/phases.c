/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/phases.h"

#include <time.h>

const char *nvb_phase_name(enum nvb_phase phase)
{
    static const char *const names[NVB_PHASE_COUNT] = {
        [NVB_PHASE_BEGIN] = "begin",      [NVB_PHASE_PREPARED] = "prepare",
        [NVB_PHASE_CLONED] = "clone",     [NVB_PHASE_MAPPED] = "id maps",
        [NVB_PHASE_CHILD] = "child runs", [NVB_PHASE_SOURCES] = "sources",
        [NVB_PHASE_ROOT] = "root",        [NVB_PHASE_KERNEL] = "proc, dev, sys",
        [NVB_PHASE_EDITS] = "edits",      [NVB_PHASE_PIVOTED] = "pivot_root",
        [NVB_PHASE_NETWORK] = "network",  [NVB_PHASE_LOCKED] = "seccomp, capabilities",
        [NVB_PHASE_EXECUTED] = "execve",  [NVB_PHASE_EXITED] = "command",
        [NVB_PHASE_CLEANED] = "clean up",
    };

    return names[phase];
}

uint64_t nvb_clock_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void nvb_phase_mark(struct nvb_phases *phases, enum nvb_phase phase)
{
    phases->at_ns[phase] = nvb_clock_ns();
}
