/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* real_file.h - where a path below the root really ends after all its links, all of them taken
 * inside the root, and what is there. */
#pragma once

#include <sys/stat.h>

#include "host/host.h"

struct nvb_real_file {
    int fd;     /* O_PATH: nothing was opened yet, so a FIFO or a device did no harm; -1 if none */
    char *path; /* owned; as seen from the root, "/usr/lib/..." */
    struct stat st;
};

#define NVB_REAL_FILE_INIT \
    {                      \
        .fd = -1           \
    }

/* The root's own path, to be cut from those below it: "" for "/". Needs /proc. */
bool nvb_real_root(const struct nvb_host *host, char **out_prefix, struct nvb_err *err);

/* `extra_flags` may hold O_NOFOLLOW. A missing file is NVB_E_NOT_FOUND; a path that is not plain
 * text is NVB_E_INVALID. */
bool nvb_real_file_open(const struct nvb_host *host,
                        const char *root_prefix,
                        const char *path,
                        int extra_flags,
                        struct nvb_real_file *out,
                        struct nvb_err *err);

/* The same where most paths that are tried are absent: true with fd -1 for those, which costs no
 * message. */
bool nvb_real_file_open_if_there(const struct nvb_host *host,
                                 const char *root_prefix,
                                 const char *path,
                                 struct nvb_real_file *out,
                                 struct nvb_err *err);

/* A descriptor to read from, or -1 with errno; regular files only. */
int nvb_real_file_reopen(const struct nvb_real_file *file);

void nvb_real_file_clear(struct nvb_real_file *file);
#define nvb_auto_real_file __attribute__((cleanup(nvb_real_file_clear))) struct nvb_real_file
