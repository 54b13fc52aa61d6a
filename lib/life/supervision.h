/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* supervision.h - between nvbind and nvbind-supervisor, each of which becomes the other by exec.
 *
 *   nvbind run -d ── fork, start, exec ──> nvbind-supervisor ── it ended: exec ──> nvbind start ID
 */
#pragma once

#include "life/presence.h"
#include "life/record.h"
#include "life/restart.h"

/* In the environment of an nvbind that takes a supervisor's place: the descriptor of the container's
 * lock. `nvbind start` then does not fork, `nvbind rm` removes under that lock; both say nothing. */
#define NVB_SUPERVISION_VARIABLE "NVBIND_SUPERVISION"

enum {
    NVB_HELD_MAX = 2, /* a driver's view and its layer */
};

struct nvb_supervision {
    const struct nvb_places *places; /* borrowed */
    const struct nvb_record *record; /* borrowed */
    int record_fd;
    int lock_fd;
    int pid_fd;
    uint64_t started_ns; /* since 1970 */
    uint64_t begun_ms;   /* by CLOCK_BOOTTIME */
    bool is_adopted;     /* the container is not this process's child */
    struct nvb_restart_count count;
    const struct nvb_strv *cgroups; /* borrowed; to be removed behind it */
    const int *held_fds;            /* NVB_HELD_MAX; what stays locked while it runs; -1 = none */
};

/* Is the program there? To be asked before there is a container that nobody could stay with. */
bool nvb_supervision_check(struct nvb_err *err);

/* Is this an nvbind that took a supervisor's place? Then its container's lock is given; the error
 * may be set when that is not so. What it inherited beside is closed. */
bool nvb_supervision_inherit(const struct nvb_places *places,
                             const char *id,
                             struct nvb_presence *out,
                             struct nvb_err *err);

/* The next program that this process becomes is one as well. */
void nvb_supervision_bequeath(const struct nvb_presence *presence);

/* nvbind goes on by itself with the presence's lock, as it would after a supervisor: `nvbind COMMAND
 * ID` in a new process and session. The presence is closed here. */
void nvb_supervision_hand_over(struct nvb_presence *presence, const char *command);

/* This process becomes the supervisor, standard descriptors as they are. Returns false only. */
bool nvb_supervision_begin(const struct nvb_supervision *supervision, struct nvb_err *err);
