/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_pack.h - an image of the store as one archive that others read.
 *
 *   an OCI layout       oci-layout, index.json, blobs/sha256/HEX
 *   what docker saves   the same, and manifest.json, which docker, podman and skopeo look for
 *
 * The store keeps layers as files: they are packed anew, plain, in the order of their names. So
 * layers that others packed get other digests, and the image another id; its configuration is kept
 * but for these. The same image always gives the same bytes. */
#pragma once

#include "image/store.h"
#include "tar_write.h"

struct image_pack {
    const struct nvb_store *store; /* borrowed, as all here */
    const struct nvb_image *image;
    const struct nvb_reference *name; /* NULL: it was asked for by its id */
    bool is_docker;
};

bool image_pack(const struct image_pack *pack, const struct tar_out *out, struct nvb_err *err);
