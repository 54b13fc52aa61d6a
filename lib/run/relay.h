/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* relay.h - what a detached container does not write to its log by itself (child side, pid 1).
 *
 * Its standard output and error are the log's files. What goes to a terminal must be carried there;
 * and what opens /dev/stdout by name would open the file anew, without O_APPEND and mostly with
 * O_TRUNC, so in its place stands a pipe. Pid 1 carries both: it ends with the container and not
 * before, so nothing is lost with a supervisor. */
#pragma once

#include "run/launch.h"

enum {
    NVB_RELAY_MAX = 2,
};

struct nvb_relay {
    int from[NVB_RELAY_MAX]; /* owned; never at their end, since we hold the other side as well */
    int to[NVB_RELAY_MAX];   /* borrowed */
    size_t n;
};

/* With the rights of the namespace: the pipes in /dev, as paths in the host's view. */
void nvb_relay_make_pipes(const struct nvb_launch *launch);

/* In the container's root. Nothing, unless it is detached. */
void nvb_relay_open(const struct nvb_launch *launch, struct nvb_relay *out);

/* Carry what is ready; false when nothing was. */
bool nvb_relay_carry(const struct nvb_relay *relay);
