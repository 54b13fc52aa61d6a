/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* join.h - the way into a running container, from the fork to the command (child side). */
#pragma once

#include "run/launch.h"

enum {
    NVB_JOIN_GROUPS = 64,
};

struct nvb_join {
    int namespaces_fd; /* owned by the caller: PID descriptor of who is in all of them */
    gid_t groups[NVB_JOIN_GROUPS]; /* of the machine: those of pid 1, for root's containers alone */
    size_t n_groups;
    bool has_own_groups; /* then those of the container, in there */
};

/* Join, start the command as a child of our parent, tell its number through `number_fd` and end. */
_Noreturn void
nvb_child_guide(struct nvb_launch *launch, const struct nvb_join *join, int number_fd);
