/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cgroup_settings.h - limits in the words of a cgroup version: which file gets which text. */
#pragma once

#include "oci/container.h"

struct nvb_cgroup_setting {
    const char *controller; /* static */
    const char *file;       /* static */
    char value[48];
};

struct nvb_cgroup_settings {
    struct nvb_cgroup_setting items[4];
    size_t n;
};

/* Those of one controller stand together. */
void nvb_cgroup_settings_make(const struct nvb_limits *limits,
                              bool is_v2,
                              struct nvb_cgroup_settings *out);
