/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_walk.h - every file of a tree, directories before what is in them; nothing is followed. */
#pragma once

#include <sys/stat.h>

#include "base/text.h"

/* `path` is relative to the tree, "" for its root; parent_fd and name reach the same file. */
typedef bool (*tree_walk_fn)(void *data,
                             int parent_fd,
                             const char *name,
                             const char *path,
                             const struct stat *st,
                             struct nvb_err *err);

bool tree_walk(int dir_fd, tree_walk_fn visit, void *data, struct nvb_err *err);
