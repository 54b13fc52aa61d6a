/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull.h - an image from a registry into the store, with somebody who watches.
 *
 * nvbind-fetch does the work (image/fetcher.h). */
#pragma once

#include "image/pull_state.h"

struct nvb_pull_watch {
    /* A layer's figures changed, or the image became known (then `layer` is NULL). */
    void (*changed)(void *data,
                    const struct nvb_pull_state *state,
                    const struct nvb_pull_layer *layer);
    void (*note)(void *data, const char *text); /* to be shown to the user */
    void *data;                                 /* borrowed */
};

struct nvb_pull_result {
    char *name; /* owned; "docker.io/library/ubuntu:24.04" */
    char digest[NVB_DIGEST_SIZE];
    uint64_t n_layers;
    uint64_t n_fetched;  /* that were not here */
    uint64_t size_bytes; /* of these, as they came */
};

/* `platform` NULL: this machine's. `watch` may be NULL. */
bool nvb_image_pull(const char *name,
                    const char *platform,
                    const struct nvb_pull_watch *watch,
                    struct nvb_pull_result *out,
                    struct nvb_err *err);
void nvb_pull_result_clear(struct nvb_pull_result *result);
#define nvb_auto_pull_result __attribute__((cleanup(nvb_pull_result_clear))) struct nvb_pull_result
