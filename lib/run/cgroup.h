/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cgroup.h - limits of memory, CPU and processes (kernel: admin-guide/cgroup-v2.rst, cgroup-v1/).
 *
 * Where they can apply: root on version 1, hybrid or 2; an ordinary user on version 2 where its
 * own group is delegated; both by systemd's own hand where cgroups are its business (scope.h).
 * Anywhere else a limit that was asked for is refused with the reason, never ignored.
 * A group is named nvbind-<pid>-<start time> after its supervisor, so that one can tell and remove
 * what a killed one left: the next run with limits, or nvbind doctor. A run without limits does
 * not look: reading the directories would cost it more than 10 us. */
#pragma once

#include "oci/container.h"

enum {
    NVB_CGROUP_DIRS = 3,
};

struct nvb_cgroup {
    char *dirs[NVB_CGROUP_DIRS]; /* owned; one on v2, one a controller on v1 */
    size_t n_dirs;
};

/* Make the cgroup and set its limits. No limit: nothing is made. */
bool nvb_cgroup_make(const struct nvb_limits *limits, struct nvb_cgroup *out, struct nvb_err *err);
bool nvb_cgroup_enter(const struct nvb_cgroup *cgroup, pid_t pid, struct nvb_err *err);

/* Should the run be started again inside a scope of systemd's? Only on cgroup2: for root always,
 * since the tree is systemd's there; for a user when no group can be made otherwise. */
bool nvb_cgroup_wants_scope(const struct nvb_limits *limits);

/* Remove what killed supervisors left; how many groups. */
unsigned nvb_cgroup_sweep(void);

/* Remove it, after its last process ended. */
void nvb_cgroup_remove(struct nvb_cgroup *cgroup);

/* Leave it to somebody else. */
void nvb_cgroup_forget(struct nvb_cgroup *cgroup);
