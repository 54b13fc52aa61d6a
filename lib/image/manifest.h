/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* manifest.h - manifests and indexes of images, OCI's and docker's (schema 2; schema 1 is refused).
 *
 * Foreign bytes: at most NVB_MANIFEST_MAX of them, every digest and size is checked before a
 * caller sees it. Unknown members are ignored, as the specification wants. */
#pragma once

#include "base/text.h"
#include "image/digest.h"

enum {
    NVB_MANIFEST_MAX = 4 << 20, /* as registries limit it; configurations too */
    NVB_LAYERS_MAX = 500,       /* overlayfs's limit */
};

enum nvb_manifest_kind {
    NVB_MANIFEST_IMAGE = 1,
    NVB_MANIFEST_INDEX,
};

struct nvb_descriptor {
    char *media_type; /* owned; may be NULL */
    char digest[NVB_DIGEST_SIZE];
    uint64_t size_bytes;
    char *os; /* owned, as the next two; in an index; NULL when absent */
    char *arch;
    char *variant;
    char *name; /* owned; annotation org.opencontainers.image.ref.name or NULL */
};

struct nvb_manifest {
    enum nvb_manifest_kind kind;
    char *media_type; /* owned; may be NULL in OCI's */

    struct nvb_descriptor config;  /* of an image */
    struct nvb_descriptor *layers; /* owned; of an image, lowest first */
    size_t n_layers;

    struct nvb_descriptor *manifests; /* owned; of an index */
    size_t n_manifests;
};

/* `name` is what errors call the text. */
bool nvb_manifest_parse(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_manifest **out,
                        struct nvb_err *err);
void nvb_manifest_free(struct nvb_manifest *manifest);
NVB_DEFINE_AUTOPTR(nvb_manifest, nvb_manifest_free)

/* GOOS, GOARCH and variant, as indexes and configurations name a machine. */
struct nvb_platform {
    const char *os; /* borrowed, as the others */
    const char *arch;
    const char *variant; /* "" for none */
};

/* "linux/arm64/v8" -> its parts, borrowed from `storage`, which is yours to free. */
bool nvb_platform_parse(const char *text,
                        struct nvb_platform *out,
                        char **storage,
                        struct nvb_err *err);
struct nvb_platform nvb_platform_here(void);

/* The manifest of an index for a platform, borrowed; the error names those that there are. */
bool nvb_manifest_choose(const struct nvb_manifest *index,
                         const struct nvb_platform *platform,
                         const struct nvb_descriptor **out,
                         struct nvb_err *err);
