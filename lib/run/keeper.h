/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* keeper.h - the process beside a container that makes its network and keeps it. Private to lib/run.
 *
 *   nvbind ── clone3 ──> container's pid 1          user namespace U, network namespace C
 *      └──── clone3 ──> keeper ── fork ──> pasta    U, the machine's network, a PID namespace P
 *
 * The keeper is the first process of P, so whatever it starts ends with it, however that forks and
 * whatever kills it. It watches the container's pid 1 and ends as soon as that does, which in turn
 * does not outlive nvbind: a SIGKILL of any of them at any moment leaves nothing. Root's containers
 * have their helper, too, with an id that owns nothing on the machine. */
#pragma once

#include <sys/types.h>

#include "oci/container.h"
#include "run/fence.h"
#include "run/listener.h"
#include "run/membership.h"
#include "run/uplink.h"

/* All borrowed; descriptors are duplicated with the process. */
struct nvb_keeper {
    const struct nvb_uplink *uplink; /* kind NONE: the container has only loopback */
    const struct nvb_fence *fence;   /* empty: none */
    const struct nvb_listeners *listeners;
    const struct nvb_membership *membership; /* number 0: of no network of containers */
    bool is_range;                           /* U has a range of ids, or one */
    bool is_fence_dispensable;
    int user_ns_fd;   /* U */
    int net_ns_fd;    /* C */
    int container_fd; /* PID descriptor of the container's pid 1 */
    int null_fd;
    int report_fd; /* to the container's pid 1: a struct nvb_message, 'R' or 'E' */
};

/* Starts it; *out_pid is a child of the caller. What goes wrong in it is told by the report. */
bool nvb_keeper_start(const struct nvb_keeper *keeper, pid_t *out_pid, struct nvb_err *err);
