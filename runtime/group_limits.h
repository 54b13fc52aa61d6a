/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* group_limits.h - the numbers of "linux.resources" in the words of the two cgroup versions. */
#pragma once

#include "field.h"

/* One file to be written. */
struct group_setting {
    char *controller; /* owned; "memory" */
    char *file;       /* owned; "memory.max" */
    char *value;      /* owned */
    bool is_optional; /* the file is absent on some kernels */
};

struct group_settings {
    struct group_setting *items; /* owned; in the order in which they must be written */
    size_t n;
};

bool group_limits_v1(struct field_of resources, struct group_settings *out, struct nvb_err *err);
bool group_limits_v2(struct field_of resources, struct group_settings *out, struct nvb_err *err);
void group_settings_clear(struct group_settings *settings);

/* 2..262144 -> 1..10000 and 10..1000 -> 1..10000, as the runtimes have agreed upon. */
uint64_t group_weight_of_shares(uint64_t shares);
uint64_t group_weight_of_blkio(uint64_t weight);
