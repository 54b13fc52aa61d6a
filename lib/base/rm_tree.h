/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* rm_tree.h - a directory is removed with all that is in it, whatever a container made of it: closed
 * by its modes, or deeper than one can descend. Links are removed, never followed. */
#pragma once

#include <stdbool.h>

/* True when it is gone, also when it never was there; false with errno. */
bool nvb_rm_tree(int dir_fd, const char *name);
