/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* mountinfo.h - which directories have something mounted below them (/proc/self/mountinfo,
 * proc(5)). */
#pragma once

#include "host/host.h"

/* The mount points of the caller's namespace, octal escapes decoded; empty when unreadable. */
void nvb_mount_points(const struct nvb_host *host, struct nvb_strv *out_paths);

/* Is one of `mount_points` strictly below `path`? */
bool nvb_has_mounts_below(const struct nvb_strv *mount_points, const char *path);
