/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* start.h - a detached container is started, and its supervisor with it.
 *
 * The process that starts the container becomes the supervisor by exec: so that is the container's
 * parent, and there is no moment at which nobody is. */
#pragma once

#include "life/presence.h"
#include "life/record.h"
#include "life/supervision.h"
#include "oci/container.h"

struct nvb_start {
    const struct nvb_places *places;     /* borrowed */
    const struct nvb_record *record;     /* borrowed */
    const struct nvb_presence *presence; /* borrowed; its lock becomes the supervisor's */
    struct nvb_container *container;     /* borrowed; made from the record's request */
    struct nvb_restart_count count;      /* before this start */
    int held_fds[NVB_HELD_MAX];          /* borrowed; -1 = none */
};

/* In a new process: true when the command runs. False with what nvb_bolt_start() says; then nothing
 * runs, and nothing but the record is left. */
bool nvb_start_detached(const struct nvb_start *start,
                        struct nvb_strv *out_warnings,
                        struct nvb_err *err);

/* In this process, which has a session of its own: it becomes the supervisor. Returns false only. */
bool nvb_start_in_place(const struct nvb_start *start, struct nvb_err *err);
