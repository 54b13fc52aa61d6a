/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* file.h - files reached from a directory descriptor, and writes that are whole or absent.
 *
 * `root_fd` functions resolve with openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS): a link,
 * absolute or with "..", can never leave that directory. Use them for every path inside a
 * root, an image or a foreign tree. openat2 needs Linux 5.6. */
#pragma once

#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "base/text.h"

struct dirent64;

/* A descriptor, or -1 with errno. `path` may be absolute: "/" is then root_fd itself. */
int nvb_open_in_root(int root_fd, const char *path, int flags);

/* The same for a new file: O_CREAT | O_EXCL | O_NOFOLLOW are added; `mode` as in open(2). */
int nvb_create_in_root(int root_fd, const char *path, int flags, mode_t mode);

/* Make the directory and its missing parents inside root_fd; an existing one is fine. */
bool nvb_mkdirs_in_root(int root_fd, const char *path, mode_t mode, struct nvb_err *err);

/* Read a regular file or a /proc or /sys file whole, at most `max` bytes; the text is
 * NUL-terminated beyond its length. FIFOs, devices and directories are refused, a longer file
 * is NVB_E_INVALID. *out_len may be NULL. */
bool nvb_read_in_root(int root_fd,
                      const char *path,
                      size_t max,
                      char **out_text,
                      size_t *out_len,
                      struct nvb_err *err);

/* The same, and whose the very file was that was read: for what is acted upon only when nobody
 * else could write it. */
struct nvb_read {
    char *text; /* owned */
    size_t len;
    struct stat st;
};

static inline void nvb_read_clear(struct nvb_read *read)
{
    free(read->text);
}

#define nvb_auto_read __attribute__((cleanup(nvb_read_clear))) struct nvb_read

bool nvb_read_in_root_with_stat(int root_fd,
                                const char *path,
                                size_t max,
                                struct nvb_read *out,
                                struct nvb_err *err);

/* The same of an O_PATH descriptor, -1 with errno for none; `path` is what errors call it. */
bool nvb_read_seen(int seen_fd,
                   const char *path,
                   size_t max,
                   char **out_text,
                   size_t *out_len,
                   struct nvb_err *err);

/* The same without confinement, for files that the user or the system configured;
 * dir_fd may be AT_FDCWD. */
bool nvb_read_file(int dir_fd,
                   const char *path,
                   size_t max,
                   char **out_text,
                   size_t *out_len,
                   struct nvb_err *err);

/* A regular file that only the caller can have written, or NULL: what is kept from one run for the
 * next. Caller frees. */
char *nvb_dup_own_text(const char *path, size_t max);

/* All that comes from a descriptor; `name` is what errors call it. */
bool nvb_read_to_end(int fd,
                     const char *name,
                     size_t max,
                     struct nvb_buf *out,
                     struct nvb_err *err);

/* Replace `path` at once: temporary file beside it, fsync, rename, fsync of the directory.
 * A crash at any moment leaves the old file or the new one. */
bool nvb_write_file(int dir_fd,
                    const char *path,
                    const void *data,
                    size_t len,
                    mode_t mode,
                    struct nvb_err *err);

/* Remove the temporary files beside `path` of writes that were killed, once they are `age_s` old: of a
 * younger one the writer may be at work. */
void nvb_sweep_writes(int dir_fd, const char *path, time_t age_s);

/* mkdir -p for a path of our own (state, cache), parents 0700. */
bool nvb_mkdirs(const char *path, struct nvb_err *err);

/* The sorted names in a directory, without "." and ".."; an absent directory is an empty list. */
bool nvb_list_in_root(int root_fd,
                      const char *path,
                      struct nvb_strv *out_names,
                      struct nvb_err *err);

/* Visit what is in an open directory, but "." and "..", until `visit` says false. False with errno
 * when it cannot be read. */
bool nvb_each_name(int dir_fd, bool (*visit)(void *data, const struct dirent64 *e), void *data);

/* write(2) until all is written; false with errno. */
bool nvb_write_all(int fd, const void *data, size_t len);
