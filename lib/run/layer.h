/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* layer.h - the writable layers of the root's overlays, filled before they are mounted (child
 * side): writing below a mounted overlay is undefined. */
#pragma once

#include "run/launch.h"

/* The scratch tmpfs as the child sees it until pivot_root. It holds `root`, the new root, and for
 * overlay N `upper/N` and `work/N`.
 *
 * Of a container whose layer is kept, `upper/N` is one more lower layer: what we put there is made
 * anew at each start, and what the container wrote lies above it. Into that we never write by
 * path, since links in it are the container's. */
#define NVB_SCRATCH      "/tmp"
#define NVB_SCRATCH_ROOT NVB_SCRATCH "/root"

/* Where only we put things into a container. */
#define NVB_OWN_DIR "/usr/lib/nvbind/"

/* Make every overlay's layer with the FILE and HIDE steps and the edits' files in it. */
void nvb_child_fill_layers(const struct nvb_launch *launch, int scratch_fd);

/* Does `path` lie inside one of the container's overlays? */
bool nvb_layer_covers(const struct nvb_container *container, const char *path);

/* Before the scratch directory covers its path. */
void nvb_child_open_layer(struct nvb_launch *launch);

/* Is this edit in a layer that was prepared for an overlay of the root? Then there is nothing to do
 * for it. */
bool nvb_layer_is_ready(const struct nvb_container *container, const struct nvb_mount *mount);

/* The edits of such a layer put into the writable one after all, since the kernel did not take it. */
void nvb_child_fill_instead(const struct nvb_launch *launch,
                            int scratch_fd,
                            const struct nvb_root_step *overlay);

/* Make the missing parents of `path` below a directory of ours that holds no foreign links. */
void nvb_child_make_parents(const struct nvb_launch *launch, int dir_fd, const char *path);

/* Make or replace a file below such a directory. */
void nvb_child_write_file(const struct nvb_launch *launch,
                          int dir_fd,
                          const char *path,
                          const void *data,
                          size_t len,
                          unsigned mode);
