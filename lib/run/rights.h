/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* rights.h - whose the processes on their way into a container are (child side). */
#pragma once

#include "run/launch.h"

/* It ends with its parent. To be said again whenever its ids change. */
void nvb_child_tie(const struct nvb_launch *launch);

/* Root of its namespace, where that has a range of ids; and then the container's user. */
void nvb_child_become_root(const struct nvb_launch *launch);
void nvb_child_become_user(const struct nvb_launch *launch);
