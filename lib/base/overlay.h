/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* overlay.h - files of several directories that lie upon each other, found as overlayfs would
 * show them, without mounting anything.
 *
 * Whiteouts, opaque directories and links are heeded. A link, absolute or with "..", never leads
 * out of these directories: the trees are foreign. */
#pragma once

#include "base/text.h"

struct nvb_overlay {
    int *fds; /* directories, the uppermost first */
    size_t n;
};

/* `take_fd` goes below those that are there. */
void nvb_overlay_add(struct nvb_overlay *overlay, int take_fd);
void nvb_overlay_clear(struct nvb_overlay *overlay);

/* Links are followed, in the last part of the path too. A descriptor to look at, or -1 with
 * errno. */
int nvb_overlay_open(const struct nvb_overlay *overlay, const char *path);

/* Where a path ends after all links: "/usr/lib/x86_64-linux-gnu/libc.so.6"; NULL when nowhere. */
char *nvb_overlay_dup_real_path(const struct nvb_overlay *overlay, const char *path);

/* A regular file whole, at most `max` bytes, as nvb_read_in_root() does. */
bool nvb_overlay_read(const struct nvb_overlay *overlay,
                      const char *path,
                      size_t max,
                      char **out_text,
                      size_t *out_len,
                      struct nvb_err *err);
