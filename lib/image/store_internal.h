/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store_internal.h - what the files of the store share; nobody else includes it.
 *
 * store.c        making and opening one, its lock
 * store_work.c   work areas, files that appear whole, removing trees
 * store_blob.c   blobs
 * store_layer.c  layers
 * store_refs.c   names and leases
 * store_find.c   images by name
 * store_sweep.c  removing what nothing leads to
 * store_check.c  everything held against its digest
 *
 * What a program in a jail could have put here is not trusted: a part of the store that is a link
 * is not followed out of it. */
#pragma once

#include "image/store.h"

enum {
    NVB_RANDOM_NAME = 24,      /* with the NUL */
    NVB_RECORD_MAX = 64 << 10, /* bytes of our own small files */
};

struct nvb_store {
    int dir_fd;  /* -1: an absent store, opened for reading */
    int lock_fd; /* -1: it has none yet */
    enum nvb_store_mode mode;
    struct nvb_store_ids ids;
    char boot_id[40]; /* "" when unknown: then only synced layers count */
};

struct nvb_work {
    const struct nvb_store *store; /* borrowed */
    char name[NVB_RANDOM_NAME];
    int dir_fd; /* locked */
};

/* A part of the store ("refs", "blobs/sha256") as a directory, or -1 with errno (ENOENT for all
 * of an absent store). */
int nvb_store_open_part(const struct nvb_store *store, const char *part);

/* The store's lock: LOCK_SH, LOCK_EX, LOCK_UN, with LOCK_NB. False with errno. */
bool nvb_store_lock(const struct nvb_store *store, int operation);

/* "kind-0123456789abcdef" */
void nvb_random_name(const char *kind, char out[NVB_RANDOM_NAME]);

/* A small file of a part, whole or not there; on the disk on return. */
bool nvb_store_put(const struct nvb_store *store,
                   int part_fd,
                   const char *name,
                   const char *text,
                   struct nvb_err *err);

/* Remove a file or a tree of any depth. False with errno when something stayed. */
bool nvb_remove_tree(int dir_fd, const char *name);

/* One file of refs/ or leases/; out->name is yours. */
bool nvb_store_read_ref(int part_fd,
                        const char *file,
                        struct nvb_store_ref *out,
                        struct nvb_err *err);

/* Note with a layer that it came to the disk. */
bool nvb_layer_mark_synced(const struct nvb_store *store,
                           const char *chain_id,
                           struct nvb_err *err);

/* What nobody holds in tmp/. */
void nvb_work_sweep(const struct nvb_store *store);
