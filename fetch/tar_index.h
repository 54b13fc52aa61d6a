/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tar_index.h - where in a plain tar file each of its files stands, so that several can be read at
 * the same time and in any order. For archives of images; layers are read by libarchive.
 *
 * Knows ustar, GNU's long names and base-256 sizes, pax "path", "linkpath" and "size". Names are made
 * plain ("./a//b" is "a/b"); one that leads out is left out. A link is kept as what it points to. */
#pragma once

#include "base/text.h"

struct tar_member {
    char *name; /* owned */
    char *link; /* owned; of a link or hard link: a member's name; else NULL */
    uint64_t at;
    uint64_t size_bytes;
};

struct tar_index {
    struct tar_member *items; /* owned; as the archive has them */
    size_t n;
};

/* False when it is no tar archive or a damaged one. */
bool tar_index_read(int fd, const char *name, struct tar_index *out, struct nvb_err *err);
void tar_index_clear(struct tar_index *index);
#define auto_tar_index __attribute__((cleanup(tar_index_clear))) struct tar_index

/* The last member of that name, links followed; NULL when there is none. */
const struct tar_member *tar_index_find(const struct tar_index *index, const char *name);
