/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull_layers.h - the layers that are missing: several at once, each in a thread that downloads,
 * hashes and unpacks it in one go, the largest first. */
#pragma once

#include "image_build.h"
#include "registry.h"

struct pull_layers {
    struct registry *registry; /* borrowed, as the others */
    const struct nvb_store *store;
    struct image_build *build;
    const char *familiar; /* "ubuntu:latest", for messages */
    unsigned n_threads;
    int stop_fd; /* an eventfd; written here when one layer fails, so that the others end */
    uint64_t part_min_bytes;
    void (*there)(void *data, size_t layer); /* one is there now; from any thread */
    void *there_data;                        /* borrowed */
};

/* *out_n is how many were missing. */
bool pull_layers_get(const struct pull_layers *pull, size_t *out_n, struct nvb_err *err);
