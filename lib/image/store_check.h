/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store_check.h - is everything in the store what its name says?
 *
 * Names lead to manifests, these to configurations and layers; blobs have the digests they are called
 * by; layers are whole, came to the disk, and (`verify_layer`) have the files that were unpacked.
 * Repairing removes what is broken, since it can be pulled or imported again, and keeps a layer of
 * which only the mark is missing that it came to the disk. */
#pragma once

#include "image/store.h"

struct nvb_store_fault {
    char *text; /* owned; "layer 0123456789ab: '/etc/passwd' has other contents" */
    bool is_repaired;
};

struct nvb_check_result {
    struct nvb_store_fault *items; /* owned */
    size_t n;
    size_t n_images; /* what was looked at */
    size_t n_layers;
    size_t n_blobs;
    size_t n_unused;    /* layers that no image has: `prune` removes them */
    size_t n_leftovers; /* work areas of processes that were ended: so are these */
};

struct nvb_check_options {
    bool may_repair; /* waits for others who work in the store */
    /* Hold a layer's files against what was unpacked: a line for each fault. layer_fd is what its
     * "diff" is in. NULL: not asked. */
    bool (*verify_layer)(void *data,
                         int layer_fd,
                         struct nvb_strv *out_faults,
                         struct nvb_err *err);
    void *data; /* borrowed */
};

/* True: all was looked at; what was found is in *out. */
bool nvb_store_check(const struct nvb_store *store,
                     const struct nvb_check_options *options,
                     struct nvb_check_result *out,
                     struct nvb_err *err);
void nvb_check_result_clear(struct nvb_check_result *result);
