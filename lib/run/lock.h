/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* lock.h - the child gives up every privilege for good (child side). */
#pragma once

#include "run/launch.h"

/* While the child may still (CAP_SETPCAP): no program it executes can gain a capability beyond
 * the container's. */
void nvb_child_drop_bounding_set(const struct nvb_launch *launch);

/* The container's capabilities and no other (image `host`: none), no_new_privs, the system call
 * filter. */
void nvb_child_lock(const struct nvb_launch *launch);
