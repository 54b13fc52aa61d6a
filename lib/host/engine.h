/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* engine.h - the container engines that are installed besides bolt. */
#pragma once

#include "host/host.h"

struct nvb_engine {
    const char *name; /* static; "crun" */
    char *path;       /* owned; "/usr/bin/crun" */
};

struct nvb_engines {
    struct nvb_engine *items; /* owned */
    size_t n;
};

/* The first of each name in `search_path` ("DIR:DIR", as PATH); NULL for the usual directories. */
void nvb_engines_find(const struct nvb_host *host,
                      const char *search_path,
                      struct nvb_engines *out);
void nvb_engines_clear(struct nvb_engines *engines);
#define nvb_auto_engines __attribute__((cleanup(nvb_engines_clear))) struct nvb_engines
