/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_writer.h - the files of one layer, written below one directory by somebody else's words.
 *
 * Every parent is resolved with openat2(RESOLVE_IN_ROOT): a link of the archive, wherever it points,
 * leads to a place inside. The last component is never followed. What an entry replaces is
 * removed first, so nothing is ever written through it.
 *
 * The caller's ids are the image's (a user namespace): owners are set as the archive has them.
 * With one id only, nothing is owned by anybody else ("flat"). */
#pragma once

#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "image/store_ids.h"
#include "tree_index.h"

/* What could not be done as the archive says; counted, since there may be a million of each. */
struct tree_losses {
    uint64_t n_devices;  /* left out: a container has its own /dev */
    uint64_t n_owners;   /* flat: not set */
    uint64_t n_unmapped; /* owners beyond the mapping: became nobody */
    uint64_t n_setuid;   /* flat: bits dropped */
    uint64_t n_xattrs;   /* attributes that only the host's root may set, or that mean something to
                            overlayfs */
};

struct tree_attributes {
    mode_t mode; /* 07777 */
    uint32_t uid;
    uint32_t gid;
    struct timespec mtime;
};

struct tree_xattr {
    const char *name; /* borrowed, as the value */
    const void *value;
    size_t len;
};

struct tree_xattrs {
    struct tree_xattr *items; /* borrowed */
    size_t n;
};

struct tree_writer;

/* Both borrowed. root_fd is an empty directory; `ids` says what is mapped. */
struct tree_writer *tree_writer_new(int root_fd, const struct nvb_store_ids *ids);
void tree_writer_free(struct tree_writer *writer);
NVB_DEFINE_AUTOPTR(tree_writer, tree_writer_free)

/* The directory is somebody's and may have files already: one file replaces another, but nothing takes
 * the place of a directory or makes one of a file. With one id only, nothing gets capabilities, and
 * the directory itself stays as it is. */
void tree_writer_set_careful(struct tree_writer *writer);

/* `path` is clean (tree_path.h) in all of these. */
bool tree_write_directory(struct tree_writer *writer,
                          const char *path,
                          const struct tree_attributes *attributes,
                          const struct tree_xattrs *xattrs,
                          struct nvb_err *err);
bool tree_write_link(struct tree_writer *writer,
                     const char *path,
                     const char *target,
                     const struct tree_attributes *attributes,
                     struct nvb_err *err);
bool tree_write_hardlink(struct tree_writer *writer,
                         const char *path,
                         const char *clean_target,
                         struct nvb_err *err);
bool tree_write_fifo(struct tree_writer *writer,
                     const char *path,
                     const struct tree_attributes *attributes,
                     struct nvb_err *err);
/* ".wh.NAME" of a layer, `path` being what it takes away; and ".wh..wh..opq" of a directory. */
bool tree_write_whiteout(struct tree_writer *writer, const char *path, struct nvb_err *err);
bool tree_write_opaque(struct tree_writer *writer, const char *directory, struct nvb_err *err);

/* A regular file: its descriptor is for writing its contents, then it is finished. */
bool tree_begin_file(struct tree_writer *writer,
                     const char *path,
                     const struct tree_attributes *attributes,
                     int *out_fd,
                     struct nvb_err *err);
/* `sum` is its contents' for the index, NULL when it has holes. */
bool tree_end_file(struct tree_writer *writer,
                   int take_fd,
                   const char *path,
                   const struct tree_attributes *attributes,
                   const struct tree_xattrs *xattrs,
                   const uint32_t *sum,
                   struct nvb_err *err);

bool tree_write_piece(int fd,
                      const void *bytes,
                      size_t len,
                      int64_t at,
                      const char *path,
                      struct nvb_err *err);
bool tree_set_size(int fd, int64_t size, const char *path, struct nvb_err *err);

void tree_note_device(struct tree_writer *writer); /* one was left out */

/* The times of directories, which writing into them has changed. */
bool tree_writer_finish(struct tree_writer *writer, struct nvb_err *err);

/* Directories that paths go through but that no entry describes, "" for the root; sorted. */
void tree_writer_list_implied(const struct tree_writer *writer, struct nvb_strv *out);
const struct tree_losses *tree_writer_get_losses(const struct tree_writer *writer); /* borrowed */
/* Of the files; moved out. */
struct tree_sums tree_writer_steal_sums(struct tree_writer *writer);
