/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image.h - an image: its configuration, its layers, and what these are called.
 *
 * Made of two texts, the manifest and the configuration that it names. Both are foreign bytes
 * from anywhere: what is not as image-spec says is refused, with the member's name. */
#pragma once

#include "image/manifest.h"

struct nvb_health {
    struct nvb_strv test; /* "CMD", ... | "CMD-SHELL", line | "NONE" | empty: none was given */
    uint64_t interval_ns; /* 0 = not given, as the next three */
    uint64_t timeout_ns;
    uint64_t start_period_ns;
    uint64_t retries;
};

struct nvb_image_config {
    char *os; /* owned, as all strings here; NULL when absent */
    char *arch;
    char *variant;
    char *created; /* RFC 3339 as it was written */
    char *author;
    struct nvb_strv env; /* "NAME=value" */
    struct nvb_strv entrypoint;
    struct nvb_strv cmd;
    char *user;                    /* "", "1000", "app", "app:staff"... ; NULL when absent */
    char *working_dir;             /* absolute; NULL when absent */
    char *stop_signal;             /* "SIGTERM", "15"; NULL when absent */
    struct nvb_strv volumes;       /* absolute paths */
    struct nvb_strv exposed_ports; /* "80/tcp"; the protocol is always there */
    struct nvb_strv labels;        /* "NAME=value" */
    struct nvb_health health;
    struct nvb_strv diff_ids; /* digests of the uncompressed layers, lowest first */
};

bool nvb_image_config_parse(const char *text,
                            size_t len,
                            const char *name,
                            struct nvb_image_config **out,
                            struct nvb_err *err);
void nvb_image_config_free(struct nvb_image_config *config);
NVB_DEFINE_AUTOPTR(nvb_image_config, nvb_image_config_free)

struct nvb_image {
    char digest[NVB_DIGEST_SIZE];    /* of the manifest */
    struct nvb_manifest *manifest;   /* owned; its config.digest is the image's id */
    struct nvb_image_config *config; /* owned */
    struct nvb_strv chain_ids;       /* of the layers, lowest first: names in the store */
};

/* Both texts, which must fit each other: the configuration's digest, the number of layers. */
bool nvb_image_parse(const char *manifest_text,
                     size_t manifest_len,
                     const char *config_text,
                     size_t config_len,
                     const char *name,
                     struct nvb_image **out,
                     struct nvb_err *err);
void nvb_image_free(struct nvb_image *image);
NVB_DEFINE_AUTOPTR(nvb_image, nvb_image_free)
