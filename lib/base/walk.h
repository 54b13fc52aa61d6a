/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* walk.h - a path resolved inside a root where the kernel's openat2 is not to be had: Linux before
 * 5.6, and sandboxes whose filter cannot look into its struct (our own "steam" among them).
 *
 * Each component is opened from the descriptor of its parent without following links; links are
 * read and walked by us, and ".." goes back along the descriptors that we came by, so that a
 * rename meanwhile leads nowhere else. The descriptors of links in /proc cannot be followed,
 * only their text. */
#pragma once

#include <sys/types.h>

/* As open(2) below root_fd; O_CLOEXEC is added. -1 with errno. Async-signal-safe. */
int nvb_walk_in_root(int root_fd, const char *path, int flags, mode_t mode);
