/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* host.h - the machine that is looked at: a root directory, live or captured.
 *
 * Everything in lib/host reads below this root through nvb_open_in_root(); on a captured
 * machine /dev may hold plain files where nodes would be. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/file.h"
#include "nvbind/gpu.h"

struct nvb_memo;

struct nvb_host {
    int root_fd;
    char *root;            /* owned; "/" or a directory */
    struct nvb_memo *memo; /* borrowed; of an earlier look, and for a later one; or NULL */
    bool is_live;          /* root is "/": device nodes are real and system calls may be asked */
};

NVB_DEFINE_AUTOPTR(nvb_host, nvb_host_free)

enum {
    NVB_HOST_FILE_MAX = 1 << 20, /* no /proc or /sys file that we read is longer */
};

/* The first line of a small text file, trimmed; NULL when it is absent, unreadable or empty.
 * Tabs become blanks and other bytes that are not printable ASCII '?', since the text may
 * go to a terminal. Caller frees. */
char *nvb_host_dup_line(const struct nvb_host *host, const char *path);

/* A whole file of at most `max` bytes, as it is; NULL when absent, unreadable or longer. */
char *nvb_host_dup_text(const struct nvb_host *host, const char *path, size_t max);

/* A decimal number in a file of its own; false leaves *out alone. */
bool nvb_host_read_u64(const struct nvb_host *host, const char *path, uint64_t *out);

/* What a symbolic link says, not followed; NULL when it is none. Made printable as above. */
char *nvb_host_dup_link(const struct nvb_host *host, const char *path);
/* Its last component: the way sysfs names a driver. */
char *nvb_host_dup_link_name(const struct nvb_host *host, const char *path);

/* lstat(2) below the root; on the live machine one plain system call, since nothing can lead
 * out of "/". 0, or -1 with errno. */
int nvb_host_lstat(const struct nvb_host *host, const char *path, struct stat *out);

bool nvb_host_exists(const struct nvb_host *host, const char *path);

/* A device node; on a captured machine a plain file may stand for one. */
bool nvb_host_is_node(const struct nvb_host *host, const char *path);

/* The value of the first "Key: value" line of a text, trimmed and printable; NULL when the key
 * is absent or the value is empty. /proc/self/status and NVIDIA's files have this form. */
char *nvb_field_dup(const char *text, const char *key);
