/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* attach.h - the container's edits carried out in its root: device nodes, mounts and files
 * (child side). */
#pragma once

#include "run/launch.h"

/* The directory or file at `path` inside the root as an O_PATH descriptor, made with its
 * parents when it is missing. Links are followed, never out of the root. */
int nvb_child_target(const struct nvb_launch *launch,
                     int root_fd,
                     const char *path,
                     bool is_directory);

void nvb_child_apply_edits(const struct nvb_launch *launch, int root_fd);
