/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* rootfs.h - the container's root in a tmpfs of its own mount namespace (child side).
 *
 * The tmpfs covers the host's /tmp in the child's view and holds three directories: `root` (bound
 * onto itself: the new root), `upper/N` and `work/N` (the writable layer of overlay N). After
 * pivot_root only `root` can be reached.
 *
 * An image of the store is one overlay over all of `root`. Its tree is foreign: mount points of
 * the kernel's file systems are directories of ours that lie upon it, and every other path is
 * resolved inside of it. */
#pragma once

#include "run/launch.h"

/* Carry out the container's root steps; returns a descriptor of the new root. */
int nvb_child_build_root(struct nvb_launch *launch);

/* Make the new root the only one. */
void nvb_child_pivot(const struct nvb_launch *launch, int root_fd);
