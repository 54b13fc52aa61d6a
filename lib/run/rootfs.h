/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* rootfs.h - the container's root in a tmpfs of its own mount namespace (child side).
 *
 * The tmpfs covers the host's /tmp in the child's view and holds three directories: `root` (bound
 * onto itself: the new root), `upper/N` and `work/N` (the writable layer of overlay N). After
 * pivot_root only `root` can be reached. */
#pragma once

#include "run/launch.h"

/* The scratch tmpfs as the child sees it until pivot_root. */
#define NVB_SCRATCH      "/tmp"
#define NVB_SCRATCH_ROOT NVB_SCRATCH "/root"

/* Carry out the container's root steps; returns a descriptor of the new root. */
int nvb_child_build_root(const struct nvb_launch *launch);

/* Attach device nodes, mounts and files of the container's edits. */
void nvb_child_apply_edits(const struct nvb_launch *launch, int root_fd);

/* Make the new root the only one. */
void nvb_child_pivot(const struct nvb_launch *launch, int root_fd);

/* The directory or file at `path` inside the root as an O_PATH descriptor, made with its
 * parents when it is missing. Links are followed, never out of the root. */
int nvb_child_target(const struct nvb_launch *launch,
                     int root_fd,
                     const char *path,
                     bool is_directory);
