/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* dir_watch.h - hear when names come and go in directories (inotify(7)).
 *
 * Nothing in them is opened, so device nodes and sleeping GPUs stay alone. A directory that is not
 * there is no error: watch the one above it, and add it again when that one spoke. What a kernel
 * module makes in /proc and /sys sends nothing. */
#pragma once

#include "base/text.h"

struct nvb_dir_watch_row {
    int wd;
    const char *const *prefixes; /* borrowed; NULL = every name */
};

struct nvb_dir_watch {
    int fd;                         /* to poll for reading */
    struct nvb_dir_watch_row *rows; /* owned */
    size_t n_rows;
};

#define NVB_DIR_WATCH_INIT \
    {                      \
        .fd = -1           \
    }

/* Fails where the kernel has no more instances for this user. */
bool nvb_dir_watch_open(struct nvb_dir_watch *watch, struct nvb_err *err);

/* Names that begin with one of `prefixes` (NULL-terminated, kept by the caller), or all of them.
 * Where all count, files that are written in place do too, but not below /dev: who writes to a node
 * does not change it. True when the directory is watched from now on and was not before. */
bool nvb_dir_watch_add(struct nvb_dir_watch *watch, const char *path, const char *const *prefixes);

/* Read all that waits: was one of the names wanted, or was something lost? */
bool nvb_dir_watch_drain(struct nvb_dir_watch *watch);

void nvb_dir_watch_clear(struct nvb_dir_watch *watch);
#define nvb_auto_dir_watch __attribute__((cleanup(nvb_dir_watch_clear))) struct nvb_dir_watch
