/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* phases.h - when each step of a start was done, told by parent and child alike.
 *
 * The struct lives in a page that both share; times are CLOCK_MONOTONIC in nanoseconds. */
#pragma once

#include <stdint.h>

enum nvb_phase {
    NVB_PHASE_BEGIN = 0, /* nvb_bolt_start() was called */
    NVB_PHASE_PREPARED,  /* filter, limits, shared page */
    NVB_PHASE_CLONED,    /* clone3 returned in the parent: namespaces are made */
    NVB_PHASE_MAPPED,    /* id maps written */
    NVB_PHASE_CHILD,     /* the child runs and knows its ids */
    NVB_PHASE_SOURCES,   /* every host path opened */
    NVB_PHASE_ROOT,      /* overlays and binds of the image */
    NVB_PHASE_KERNEL,    /* /proc, /dev, /sys, masks */
    NVB_PHASE_EDITS,     /* device nodes, mounts and files of the GPU and the display */
    NVB_PHASE_PIVOTED,   /* the old root is gone */
    NVB_PHASE_NETWORK,   /* loopback is up, or the helper ready */
    NVB_PHASE_LOCKED,    /* capabilities, no_new_privs, seccomp */
    NVB_PHASE_EXECUTED,  /* execve of the command succeeded */
    NVB_PHASE_EXITED,    /* the container's first process was reaped */
    NVB_PHASE_CLEANED,   /* nothing is left */
    NVB_PHASE_COUNT,
};

struct nvb_phases {
    uint64_t at_ns[NVB_PHASE_COUNT]; /* 0 = not reached */
};

const char *nvb_phase_name(enum nvb_phase phase); /* what was done up to it: "clone", "id maps" */
void nvb_phase_mark(struct nvb_phases *phases, enum nvb_phase phase);
uint64_t nvb_clock_ns(void);
