/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_sources.h - where live figures come from: one function a driver, all in one visible array.
 *
 * A source sets what it can tell and leaves the rest alone. `device` is the GPU's sysfs directory,
 * `card` that of its card node, or NULL. */
#pragma once

#include "stats/gpu_live.h"

struct nvb_gpu_source {
    const struct nvb_host *host;
    const struct nvb_nvml *nvml; /* NULL when it was not opened */
    const struct nvb_gpu *gpu;
    const char *device; /* "/sys/bus/pci/devices/0000:01:00.0" */
    const char *card;   /* "/sys/class/drm/card0" */
};

void nvb_gpu_live_read_nvidia(const struct nvb_gpu_source *source, struct nvb_gpu_live *live);
void nvb_gpu_live_read_amd(const struct nvb_gpu_source *source, struct nvb_gpu_live *live);
void nvb_gpu_live_read_intel(const struct nvb_gpu_source *source, struct nvb_gpu_live *live);

/* A number of a file below a directory, divided; sets the figure when it is there. */
void nvb_gpu_live_set_file(const struct nvb_gpu_source *source,
                           const char *dir,
                           const char *file,
                           uint64_t divisor,
                           enum nvb_figure figure,
                           struct nvb_gpu_live *live);

/* The PCIe link, for any driver: the kernel's own view of it. */
void nvb_gpu_live_read_link(const struct nvb_gpu_source *source, struct nvb_gpu_live *live);

/* The directory of the GPU's own hwmon, or NULL. Caller frees. */
char *nvb_gpu_dup_hwmon(const struct nvb_gpu_source *source);

/* Each of its temperatures, by the label that the driver gives it. */
void nvb_gpu_live_read_temperatures(const struct nvb_gpu_source *source,
                                    const char *hwmon,
                                    struct nvb_gpu_live *live);

/* A power limit in microwatts; 0 is none. */
bool nvb_gpu_live_set_limit(const struct nvb_gpu_source *source,
                            const char *hwmon,
                            const char *file,
                            struct nvb_gpu_live *live);

/* The process of that number, new when it was not there, its name looked up. The pointer holds until
 * the next call. Sort at the end. */
struct nvb_gpu_process *
nvb_gpu_live_find_process(const struct nvb_host *host, uint32_t pid, struct nvb_gpu_live *live);
void nvb_gpu_live_sort_processes(struct nvb_gpu_live *live);

/* Those of the GPU's clients, unless its driver's library has told them already. */
void nvb_gpu_live_add_clients(const struct nvb_gpu_source *source,
                              const struct nvb_gpu_clients *clients,
                              struct nvb_gpu_live *live);
