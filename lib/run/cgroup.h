/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cgroup.h - limits of memory, CPU and processes (kernel: admin-guide/cgroup-v2.rst, cgroup-v1/).
 *
 * Where they can apply: root on v1, hybrid or v2; an ordinary user on v2 where its own cgroup is
 * delegated. Anywhere else a limit that was asked for is refused with the reason, never ignored.
 * A cgroup is named nvbind-<pid>-<start time> after its supervisor, so that the next start can
 * tell and remove what a killed one left. */
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

/* Remove it, after its last process ended. */
void nvb_cgroup_remove(struct nvb_cgroup *cgroup);
