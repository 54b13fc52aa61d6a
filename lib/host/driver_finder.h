/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_finder.h - one search for the driver's files, for the sources of driver_files.c alone:
 * which directories were looked into, what was found, what looked wrong. */
#pragma once

#include "host/driver_table.h"
#include "host/real_file.h"

/* A name in a directory that could be the driver's. */
struct nvb_driver_name {
    char *name;   /* owned */
    bool is_file; /* a regular file and no link, as the directory itself says */
};

/* A directory that was listed: once, however many paths lead there. */
struct nvb_driver_dir {
    char *path; /* owned; the real one */
    dev_t device;
    ino_t inode;
    struct nvb_driver_name *names; /* owned; sorted */
    size_t n_names;
};

struct nvb_driver_finder {
    const struct nvb_host *host; /* borrowed */
    char *root_prefix;           /* owned; see nvb_real_root() */
    struct nvb_driver_dir *dirs; /* owned; in the order of preference */
    size_t n_dirs;
    struct nvb_driver_files files; /* owned */
};

void nvb_driver_finder_clear(struct nvb_driver_finder *finder);
#define nvb_auto_driver_finder \
    __attribute__((cleanup(nvb_driver_finder_clear))) struct nvb_driver_finder

/* List every directory that may hold libraries, the links and ld.so.cache followed. */
bool nvb_driver_finder_list(struct nvb_driver_finder *finder, struct nvb_err *err);

/* The names in one directory that `is_wanted` (NULL: all plain ones); an absent one is empty. */
bool nvb_driver_finder_read_dir(struct nvb_driver_finder *finder,
                                const char *path,
                                bool (*is_wanted)(const char *name),
                                struct nvb_driver_dir *out,
                                struct nvb_err *err);
void nvb_driver_dir_clear(struct nvb_driver_dir *dir);
#define nvb_auto_driver_dir __attribute__((cleanup(nvb_driver_dir_clear))) struct nvb_driver_dir
bool nvb_driver_dir_has(const struct nvb_driver_dir *dir, const char *name);

/* The libraries in the listed directories; files.version is known. */
bool nvb_driver_finder_add_libraries(struct nvb_driver_finder *finder, struct nvb_err *err);

/* Everything but libraries; files.version is known. */
bool nvb_driver_finder_add_data(struct nvb_driver_finder *finder, struct nvb_err *err);

/* The sockets of daemons and the directory of MPS. */
void nvb_driver_finder_add_sockets(struct nvb_driver_finder *finder);

/* A zeroed item at the end of the files. */
struct nvb_driver_file *nvb_driver_finder_add(struct nvb_driver_finder *finder);

/* One line; the same line is noted once, and a tree full of faults does not fill the memory. */
void nvb_driver_finder_note(struct nvb_driver_finder *finder, const char *fmt, ...)
    NVB_PRINTF(2, 3);
