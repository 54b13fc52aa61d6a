/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* kernelfs.h - /proc, /dev and /sys of the container, and what of them is masked (child side). */
#pragma once

#include "run/launch.h"

void nvb_child_mount_kernel_filesystems(const struct nvb_launch *launch, int root_fd);
