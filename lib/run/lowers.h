/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* lowers.h - the layers of an image as the lower directories of one overlay.
 *
 * The child opens them before the scratch directory covers their paths, in its own mount
 * namespace, since the kernel takes no other's. Where their files belong to other ids than the
 * container's, root shows them through idmapped mounts (Linux 5.19) that the parent makes. */
#pragma once

#include "run/launch.h"

/* Parent, before clone3. */
bool nvb_lowers_open(struct nvb_launch *launch, struct nvb_err *err);
void nvb_lowers_clear(struct nvb_launch *launch);

/* Child, before the scratch directory is there. */
void nvb_child_open_lowers(struct nvb_launch *launch);

/* Child: give those of the parent a place in the scratch directory. */
void nvb_child_show_lowers(struct nvb_launch *launch, int scratch_fd);

/* What an overlay is made of; `upper` and `work` NULL: it cannot be written. */
struct nvb_overlay_parts {
    const int *lower_fds; /* directories, the uppermost first; -1 is passed over */
    size_t n_lowers;
    const char *upper;
    const char *work;
    bool is_volatile; /* nothing of it outlives the container */
};

/* Mount it on `place_fd`, by the calls of Linux 6.8 or, where the kernel does not know them, by
 * mount(2). Async-signal-safe; needs /proc. 0, or -1 with errno. */
int nvb_overlay_mount(const struct nvb_overlay_parts *parts, int place_fd);

/* The second way alone, for tests. */
int nvb_overlay_mount_old(const struct nvb_overlay_parts *parts, int place_fd);
