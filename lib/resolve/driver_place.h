/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_place.h - where a container looks for what is in a driver view but is not found through
 * ld.so.cache: manifests, programs, plugins.
 *
 * Kept in the view itself, a line a place, so that a view outlives the files it was made of:
 * "KIND BITS SUBDIR CONTAINER_PATH PATH", "-" for nothing. No path with a blank becomes one. */
#pragma once

#include "host/driver_files.h"

#define NVB_VIEW_PLACES "places"

struct nvb_driver_place {
    enum nvb_driver_file_kind kind;
    unsigned bits;
    const char *subdir;         /* "gbm": below the image's library directory of `bits`; else "" */
    const char *container_path; /* "/usr/bin/nvidia-smi"; "" where there is a subdir */
    const char *path;           /* in the view: "bin/nvidia-smi" */
};

void nvb_driver_place_add(struct nvb_buf *places, const struct nvb_driver_place *place);

/* Cut the next line off *text, in place: the strings of `out` lie in it. False at the end; lines
 * that are none are passed over. */
bool nvb_driver_place_next(char **text, struct nvb_driver_place *out);
