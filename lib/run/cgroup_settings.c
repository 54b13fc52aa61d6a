/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/cgroup_settings.h"

#include <stdio.h>

static void add_setting(struct nvb_cgroup_settings *s,
                        const char *controller,
                        const char *file,
                        const char *value)
{
    struct nvb_cgroup_setting *item = &s->items[s->n++];

    item->controller = controller;
    item->file = file;
    (void)snprintf(item->value, sizeof(item->value), "%s", value);
}

void nvb_cgroup_settings_make(const struct nvb_limits *limits,
                              bool is_v2,
                              struct nvb_cgroup_settings *out)
{
    char text[48];

    *out = (struct nvb_cgroup_settings){ 0 };
    if (limits->memory_bytes) {
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)limits->memory_bytes);
        add_setting(out, "memory", is_v2 ? "memory.max" : "memory.limit_in_bytes", text);
        if (is_v2)
            add_setting(out, "memory", "memory.swap.max", "0");
    }
    if (limits->cpu_millis) {
        unsigned long long quota_us = limits->cpu_millis * 100;

        (void)snprintf(text, sizeof(text), is_v2 ? "%llu 100000" : "%llu", quota_us);
        add_setting(out, "cpu", is_v2 ? "cpu.max" : "cpu.cfs_quota_us", text);
    }
    if (limits->n_pids) {
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)limits->n_pids);
        add_setting(out, "pids", "pids.max", text);
    }
}
