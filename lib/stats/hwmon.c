/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* hwmon.c - what a GPU's sensors are called. Their numbers differ from chip to chip. */
#include <string.h>

#include "stats/gpu_sources.h"

enum {
    TEMPERATURES_MAX = 4, /* xe has sixteen more, one for each channel of the memory */
};

static const struct {
    const char *label;
    enum nvb_figure figure;
} labels[] = {
    {"edge",      NVB_FIGURE_TEMPERATURE       }, /* amdgpu */
    { "junction", NVB_FIGURE_HOTSPOT           },
    { "mem",      NVB_FIGURE_MEMORY_TEMPERATURE},
    { "pkg",      NVB_FIGURE_TEMPERATURE       }, /* xe */
    { "vram",     NVB_FIGURE_MEMORY_TEMPERATURE},
};

/* i915 has one for each part of the GPU as well ("i915_gt0"): the whole has the driver's name. */
char *nvb_gpu_dup_hwmon(const struct nvb_gpu_source *source)
{
    nvb_autofree char *dir = nvb_xasprintf("%s/hwmon", source->device);
    nvb_auto_strv entries = { 0 };
    nvb_auto_err ignored = { 0 };
    const char *first = NULL;

    (void)nvb_list_in_root(source->host->root_fd, dir, &entries, &ignored);
    for (size_t i = 0; i < entries.n; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s/name", dir, entries.items[i]);
        nvb_autofree char *name = NULL;

        if (!nvb_has_prefix(entries.items[i], "hwmon"))
            continue;
        name = nvb_host_dup_line(source->host, path);
        if (name && strcmp(name, source->gpu->driver) == 0)
            return nvb_xasprintf("%s/%s", dir, entries.items[i]);
        if (!first)
            first = entries.items[i];
    }
    return first ? nvb_xasprintf("%s/%s", dir, first) : NULL;
}

static void read_temperature(const struct nvb_gpu_source *source,
                             const char *hwmon,
                             unsigned number,
                             struct nvb_gpu_live *live)
{
    nvb_autofree char *file = nvb_xasprintf("temp%u_input", number);
    nvb_autofree char *path = nvb_xasprintf("%s/temp%u_label", hwmon, number);
    nvb_autofree char *label = nvb_host_dup_line(source->host, path);

    if (!label && !live->has[NVB_FIGURE_TEMPERATURE])
        nvb_gpu_live_set_file(source, hwmon, file, 1000, NVB_FIGURE_TEMPERATURE, live);
    for (size_t i = 0; label && i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strcmp(labels[i].label, label) == 0)
            nvb_gpu_live_set_file(source, hwmon, file, 1000, labels[i].figure, live);
    }
}

/* AMD's boards for computing tell of the hottest place alone. */
void nvb_gpu_live_read_temperatures(const struct nvb_gpu_source *source,
                                    const char *hwmon,
                                    struct nvb_gpu_live *live)
{
    for (unsigned number = 1; number <= TEMPERATURES_MAX; number++)
        read_temperature(source, hwmon, number, live);
    if (!live->has[NVB_FIGURE_TEMPERATURE] && live->has[NVB_FIGURE_HOTSPOT])
        nvb_gpu_live_set(live, NVB_FIGURE_TEMPERATURE, live->values[NVB_FIGURE_HOTSPOT]);
}

bool nvb_gpu_live_set_limit(const struct nvb_gpu_source *source,
                            const char *hwmon,
                            const char *file,
                            struct nvb_gpu_live *live)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", hwmon, file);
    uint64_t microwatts = 0;

    if (!nvb_host_read_u64(source->host, path, &microwatts) || microwatts == 0)
        return false;
    nvb_gpu_live_set(live, NVB_FIGURE_POWER_LIMIT, microwatts / 1000);
    return true;
}
