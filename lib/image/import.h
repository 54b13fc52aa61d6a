/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* import.h - an image or a root file system from a file or directory into the store.
 *
 * nvbind-fetch does the work (image/fetcher.h). */
#pragma once

#include "image/fetcher.h"
#include "image/manifest.h"

struct nvb_import_options {
    const char *ref; /* borrowed; which image of a layout that has several; NULL = the only one */
    const char *platform;    /* borrowed; "linux/arm64"; NULL = this machine's */
    struct nvb_strv changes; /* for a root file system: see image/compose.h; borrowed */
};

struct nvb_import_result {
    char *name; /* owned; "docker.io/library/app:1" */
    char digest[NVB_DIGEST_SIZE];
    uint64_t n_layers;
    uint64_t n_made; /* that were not here */
};

/* `path` may be "-" for standard input. `watch` may be NULL. */
bool nvb_image_import(const char *path,
                      const char *name,
                      const struct nvb_import_options *options,
                      const struct nvb_fetch_watch *watch,
                      struct nvb_import_result *out,
                      struct nvb_err *err);
void nvb_import_result_clear(struct nvb_import_result *result);
#define nvb_auto_import_result \
    __attribute__((cleanup(nvb_import_result_clear))) struct nvb_import_result
