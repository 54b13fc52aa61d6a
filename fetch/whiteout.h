/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* whiteout.h - how overlayfs notes that something of the layers below is not there: a device 0:0 in its
 * place, or a directory that is opaque. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

bool whiteout_is(const struct stat *st);

/* False with errno when something is in its place. */
bool whiteout_make(int parent_fd, const char *name);

/* A directory in the place of a whiteout: what is below it stays hidden. False with errno; ENOTDIR when
 * there is none. */
bool whiteout_replace(int parent_fd, const char *name, mode_t mode);

/* Of a directory that is open for reading; and of one by its name. */
bool opaque_is(int fd);
bool opaque_set(int parent_fd, const char *name);
