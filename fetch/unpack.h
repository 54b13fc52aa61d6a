/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* unpack.h - one layer: bytes of a tar archive, plain or packed by gzip or zstd, become files.
 *
 *   source ─> SHA-256 (digest) ─> gunzip, unzstd ─> SHA-256 (diff id) ─> libarchive ─> files
 *
 * One pass; nothing is kept in memory but the names of directories. The kind of packing is seen
 * from the first bytes, whatever the media type says. libarchive only decodes: files are written
 * here, below one directory descriptor, no component of any path ever leading out of it.
 *
 * Whiteouts become overlayfs's (0:0 devices, "user.overlay.opaque"). Device nodes are left out:
 * a container has its own /dev. Overlayfs's own attributes are never taken from an archive. */
#pragma once

#include "image/digest.h"
#include "source.h"
#include "tree_writer.h"

struct unpack_limits {
    uint64_t size_bytes; /* of the unpacked archive, and of all files, holes included */
    uint64_t n_entries;
    uint64_t ratio; /* unpacked to packed, once more than ratio_from_bytes came out */
    uint64_t ratio_from_bytes;
};

/* Generous: an image with a 100 GB model passes, a bomb does not. */
struct unpack_limits unpack_limits_default(void);

struct unpack_job {
    const char *name;                /* borrowed; for errors: "layer 3 of ubuntu:latest" */
    const char *digest;              /* borrowed; of the bytes as they come; NULL = any */
    uint64_t size_bytes;             /* how many come; 0 = any */
    const char *diff_id;             /* borrowed; of the archive inside; NULL = any */
    int diff_fd;                     /* borrowed; an empty directory */
    const struct nvb_store_ids *ids; /* borrowed */
    bool is_copy;                    /* no layer, but files for a directory that may have some:
                                        ".wh." means nothing, and tree_writer_set_careful() */
    struct unpack_limits limits;
    /* Called now and then with what has come and what was written so far; may be NULL. */
    void (*progress)(void *data, uint64_t n_in, uint64_t n_out);
    void *progress_data; /* borrowed */
};

struct unpack_result {
    char digest[NVB_DIGEST_SIZE];
    char diff_id[NVB_DIGEST_SIZE];
    uint64_t packed_bytes;
    uint64_t archive_bytes;
    uint64_t file_bytes;
    uint64_t n_entries;
    struct nvb_strv implied; /* owned; directories that the archive uses but does not describe */
    struct tree_losses losses;
    struct tree_sums sums; /* of the files, for tree_index_write() */
};

/* False: the directory holds half a layer; throw it away. True: both digests are what the job
 * wants. Reads the source to its end in that case. */
bool unpack(const struct unpack_job *job,
            const struct source *source,
            struct unpack_result *out,
            struct nvb_err *err);
void unpack_result_clear(struct unpack_result *result);
