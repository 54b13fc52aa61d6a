/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* host.h - the machine that is looked at: a root directory, live or captured.
 *
 * Everything in lib/host reads below this root through nvb_open_in_root(); on a captured
 * machine /dev may hold plain files where nodes would be. */
#pragma once

#include <stdbool.h>

#include "base/file.h"
#include "nvbind/gpu.h"

struct nvb_host {
    int root_fd;
    char *root;   /* owned; "/" or a directory */
    bool is_live; /* root is "/": device nodes are real and system calls may be asked */
};

NVB_DEFINE_AUTOPTR(nvb_host, nvb_host_free)

enum {
    NVB_HOST_FILE_MAX = 1 << 20, /* no /proc or /sys file that we read is longer */
};

/* One small text file, trimmed; NULL when it is absent or unreadable. Caller frees. */
char *nvb_host_dup_line(const struct nvb_host *host, const char *path);

bool nvb_host_exists(const struct nvb_host *host, const char *path);
