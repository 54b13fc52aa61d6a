/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* enter.h - one more command in a running container: in its namespaces and groups, with its filter
 * and no more rights than it has.
 *
 *   caller ── fork ──> guide: joins them ── clone3 ──> the command, a child of the caller
 *
 * The guide is needed since a process never changes its own PID namespace, and the caller must not
 * change its others. The command ends with the container, and unless it is detached with the caller.
 *
 * Pid 1 shows its namespaces to nobody but the machine's root, so others take them from its first
 * child, the container's command. */
#pragma once

#include <sys/types.h>

#include "oci/container.h"

struct nvb_entrance {
    const struct nvb_container
        *container;       /* borrowed: command, environment, ids, terminal, filter */
    pid_t pid;            /* pid 1 of it ... */
    int pid_fd;           /* ... and its descriptor; borrowed */
    char *const *cgroups; /* borrowed; directories of its groups */
    size_t n_cgroups;
    bool has_own_groups; /* the container's groups are an image's, not the caller's */
};

/* Until the command ends, or runs when it is detached. *out_status is the command's own, or 128 +
 * signal. False as nvb_bolt_start() says. */
bool nvb_enter(const struct nvb_entrance *entrance,
               int *out_status,
               struct nvb_strv *out_warnings,
               struct nvb_err *err);
