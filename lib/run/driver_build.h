/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_build.h - a driver view written into an empty directory. Private to lib/run; who names
 * the directory and when it becomes a view is driver_store.h.
 *
 * Files are hard links where the caller is root and the file system is the same (the package's
 * update then removes a name, not the file), else reflinks, else copies. A hard link keeps its
 * owner and mode, so root's own files alone are linked. */
#pragma once

#include "resolve/driver_view.h"

struct nvb_driver_build {
    int dir_fd;                  /* borrowed; the empty directory */
    const struct nvb_host *host; /* borrowed */
    int heartbeat_fd;            /* borrowed; touched after each entry; -1 for none */
};

/* Fill it, the manifest last, make everything read-only and bring it to the disk. */
bool nvb_driver_build(const struct nvb_driver_build *build,
                      const struct nvb_view_plan *plan,
                      struct nvb_err *err);

/* 64 bits over a whole file, to notice that it is not what was put there; no signature. */
bool nvb_driver_checksum(int fd, const char *path, uint64_t *out, struct nvb_err *err);
