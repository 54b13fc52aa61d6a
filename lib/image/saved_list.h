/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* saved_list.h - "manifest.json" of an archive that `docker save` or `podman save` wrote: its images. */
#pragma once

#include "base/text.h"

struct nvb_saved {
    char *config; /* owned; a file of the archive */
    struct nvb_strv tags;
    struct nvb_strv layers; /* files, lowest first */
};

struct nvb_saved_list {
    struct nvb_saved *items; /* owned */
    size_t n;
};

bool nvb_saved_list_parse(const char *text,
                          size_t len,
                          const char *name,
                          struct nvb_saved_list *out,
                          struct nvb_err *err);
void nvb_saved_list_clear(struct nvb_saved_list *list);
#define nvb_auto_saved_list __attribute__((cleanup(nvb_saved_list_clear))) struct nvb_saved_list
