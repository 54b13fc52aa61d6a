/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tar_file.h - where the bytes of an archive go: a descriptor, or only their digest. */
#pragma once

#include "hash.h"
#include "tar_write.h"

struct tar_file; /* gathers small pieces */

struct tar_file *tar_file_new(int fd); /* borrowed */
struct tar_out tar_file_out(struct tar_file *file);
bool tar_file_flush(struct tar_file *file, struct nvb_err *err);
void tar_file_free(struct tar_file *file); /* what was not flushed is lost */
NVB_DEFINE_AUTOPTR(tar_file, tar_file_free)

/* Counts and hashes what passes on its way to `next`, or to nowhere. */
struct tar_tally {
    struct hash *hash;          /* owned */
    const struct tar_out *next; /* borrowed; NULL = nowhere */
    uint64_t n_bytes;
};

struct tar_out tar_tally_out(struct tar_tally *tally);
