/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* saved_image.h - which image a layout holds: one of OCI's (index.json), or of docker's archives
 * (manifest.json), whose manifest is then put together here. */
#pragma once

#include "image/manifest.h"
#include "layout.h"

struct saved_wish {
    const char *ref;              /* borrowed; a name in the layout; NULL = the only one */
    struct nvb_platform platform; /* among several of one name */
};

struct saved_image {
    char *manifest; /* owned */
    size_t manifest_len;
    char *config; /* owned */
    size_t config_len;
    struct nvb_strv layers; /* files of the layout, lowest first */
    bool is_loose;          /* see image_build_set_loose() */
};

/* Does it hold images at all? */
bool saved_image_is_one(const struct layout *layout);

bool saved_image_find(const struct layout *layout,
                      const struct saved_wish *wish,
                      struct saved_image *out,
                      struct nvb_err *err);
void saved_image_clear(struct saved_image *image);
#define auto_saved_image __attribute__((cleanup(saved_image_clear))) struct saved_image
