/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* overlay.h - a part of the image with a writable layer over it (child side).
 *
 * The layer is in memory and ends with the container, or it is kept on the host:
 *
 *   KEPT/upper/NAME, KEPT/work/NAME   of the overlay at NAME ("etc%ssl" is /etc/ssl)
 *   KEPT/dirs/NAME                    directories of the root that are no part of the image */
#pragma once

#include "run/launch.h"

/* Mount overlay i of the container at a place in its root. */
void nvb_child_mount_overlay(const struct nvb_launch *launch,
                             const struct nvb_root_step *step,
                             size_t i,
                             int scratch_fd,
                             int place_fd);

/* A directory where what the container writes is kept. */
void nvb_child_make_in_kept(const struct nvb_launch *launch, const char *path);
