/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* copy_source.h - what `export` and `cp` read: a container that was started with --detach, or an image. */
#pragma once

#include "image/export.h"

struct copy_source {
    char *image; /* owned */
    char *upper; /* owned; what the container wrote, NULL for an image */
};

/* A container's name or id, else an image's. A container in the foreground, of image `host`, or that keeps
 * nothing is refused with the reason. */
bool copy_source_find(const char *word, struct copy_source *out, struct nvb_err *err);
void copy_source_clear(struct copy_source *source);
#define auto_copy_source __attribute__((cleanup(copy_source_clear))) struct copy_source
