/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* group_devices.h - which device nodes the container may open: rules for version 1, a program for
 * the kernel in version 2. */
#pragma once

#include <linux/bpf.h>

#include "field.h"

struct group_device_rule {
    bool is_allowed;
    char type;     /* 'a', 'b', 'c' */
    int64_t major; /* -1: any */
    int64_t minor;
    bool may_read;
    bool may_write;
    bool may_make;
};

struct group_device_rules {
    struct group_device_rule *items; /* owned; a later one wins */
    size_t n;
};

/* Nothing at first, then what the config says, then what every container has. */
bool group_devices_read(struct field_of resources,
                        struct group_device_rules *out,
                        struct nvb_err *err);
void group_devices_clear(struct group_device_rules *rules);

/* devices.allow and devices.deny below the directory of the "devices" tree. */
bool group_devices_apply_v1(const struct group_device_rules *rules,
                            const char *dir,
                            struct nvb_err *err);

/* The program for the kernel; *out_program is yours. */
size_t group_devices_compile(const struct group_device_rules *rules, struct bpf_insn **out_program);
bool group_devices_apply_v2(const struct group_device_rules *rules,
                            const char *dir,
                            struct nvb_err *err);
