/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tar_write.h - tar archives as every tool reads them, and the same bytes for the same files: ustar
 * headers, with pax records only for what does not fit in one (long or non-ASCII names, large
 * numbers, fractions of seconds, extended attributes). */
#pragma once

#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "tree_writer.h"

struct tar_out {
    bool (*write)(void *data, const void *bytes, size_t len, struct nvb_err *err);
    void *data; /* borrowed */
};

struct tar_header {
    char type;        /* '0' file, '1' hard link, '2' link, '5' directory, '6' fifo */
    const char *name; /* borrowed, as the link; a directory's ends with "/" */
    const char *link; /* of type 1 and 2, else NULL */
    mode_t mode;
    uint32_t uid;
    uint32_t gid;
    uint64_t size_bytes; /* of type 0: so many bytes follow */
    struct timespec mtime;
    struct tree_xattrs xattrs;
};

bool tar_write_header(const struct tar_out *out,
                      const struct tar_header *header,
                      struct nvb_err *err);
/* Behind a file's bytes. */
bool tar_write_padding(const struct tar_out *out, uint64_t size_bytes, struct nvb_err *err);
bool tar_write_end(const struct tar_out *out, struct nvb_err *err);
