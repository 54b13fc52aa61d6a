/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_live.h"

#include <string.h>
#include <time.h>

#include "host/gpu.h"
#include "stats/gpu_sources.h"

enum {
    SHORTEST_US = 1000,
    POWER_MAX_MW = 10000000,
};

static const struct {
    const char *driver;
    void (*read)(const struct nvb_gpu_source *source, struct nvb_gpu_live *live);
} sources[] = {
    {"nvidia",   nvb_gpu_live_read_nvidia},
    { "dxgkrnl", nvb_gpu_live_read_nvidia},
    { "amdgpu",  nvb_gpu_live_read_amd   },
    { "i915",    nvb_gpu_live_read_intel },
    { "xe",      nvb_gpu_live_read_intel },
};

static const char *const names[NVB_N_FIGURES] = {
    [NVB_FIGURE_UTILISATION] = "utilisation_percent",
    [NVB_FIGURE_ENCODER] = "encoder_percent",
    [NVB_FIGURE_DECODER] = "decoder_percent",
    [NVB_FIGURE_MEMORY_BUSY] = "memory_busy_percent",
    [NVB_FIGURE_MEMORY_USED] = "memory_used_bytes",
    [NVB_FIGURE_MEMORY_TOTAL] = "memory_total_bytes",
    [NVB_FIGURE_TEMPERATURE] = "temperature_celsius",
    [NVB_FIGURE_HOTSPOT] = "hotspot_celsius",
    [NVB_FIGURE_MEMORY_TEMPERATURE] = "memory_temperature_celsius",
    [NVB_FIGURE_POWER] = "power_milliwatts",
    [NVB_FIGURE_POWER_LIMIT] = "power_limit_milliwatts",
    [NVB_FIGURE_ENERGY] = "energy_microjoules",
    [NVB_FIGURE_CLOCK] = "clock_mhz",
    [NVB_FIGURE_CLOCK_MAX] = "clock_max_mhz",
    [NVB_FIGURE_MEMORY_CLOCK] = "memory_clock_mhz",
    [NVB_FIGURE_MEMORY_CLOCK_MAX] = "memory_clock_max_mhz",
    [NVB_FIGURE_FAN] = "fan_percent",
    [NVB_FIGURE_FAN_RPM] = "fan_rpm",
    [NVB_FIGURE_STATE] = "performance_state",
    [NVB_FIGURE_PCIE_GENERATION] = "pcie_generation",
    [NVB_FIGURE_PCIE_WIDTH] = "pcie_width",
    [NVB_FIGURE_PCIE_GENERATION_MAX] = "pcie_generation_max",
    [NVB_FIGURE_PCIE_WIDTH_MAX] = "pcie_width_max",
};

void nvb_gpu_live_set(struct nvb_gpu_live *live, enum nvb_figure figure, uint64_t value)
{
    live->values[figure] = value;
    live->has[figure] = true;
}

void nvb_gpu_live_set_file(const struct nvb_gpu_source *source,
                           const char *dir,
                           const char *file,
                           uint64_t divisor,
                           enum nvb_figure figure,
                           struct nvb_gpu_live *live)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file);
    uint64_t value = 0;

    if (nvb_host_read_u64(source->host, path, &value))
        nvb_gpu_live_set(live, figure, value / divisor);
}

static char *dup_card_dir(const struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (nvb_has_prefix(gpu->nodes[i], "/dev/dri/card"))
            return nvb_xasprintf("/sys/class/drm/%s", gpu->nodes[i] + strlen("/dev/dri/"));
    }
    return NULL;
}

void nvb_gpu_live_read(const struct nvb_host *host,
                       const struct nvb_nvml *nvml,
                       const struct nvb_gpu_clients *clients,
                       const struct nvb_gpu *gpu,
                       struct nvb_gpu_live *out)
{
    nvb_autofree char *device =
        nvb_xasprintf("/sys/bus/pci/devices/%s", gpu->pci_address ? gpu->pci_address : "none");
    nvb_autofree char *card = dup_card_dir(gpu);
    const struct nvb_gpu_source source = {
        .host = host, .nvml = nvml, .gpu = gpu, .device = device, .card = card
    };

    *out = (struct nvb_gpu_live){ .time_ns = nvb_gpu_now_ns() };
    out->is_asleep = nvb_gpu_is_asleep(host, gpu);
    if (gpu->pci_address)
        nvb_gpu_live_read_link(&source, out);
    if (out->is_asleep)
        return;
    for (size_t i = 0; gpu->pci_address && i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (strcmp(sources[i].driver, gpu->driver) == 0)
            sources[i].read(&source, out);
    }
    if (clients)
        nvb_gpu_live_add_clients(&source, clients, out);
}

/* The GPU's own counter is read a moment after the clock, so too short a time would tell nothing. A
 * counter that stands still has not been brought up to date, or belongs to a captured machine. */
void nvb_gpu_live_compare(const struct nvb_gpu_live *before, struct nvb_gpu_live *now)
{
    uint64_t energy = now->values[NVB_FIGURE_ENERGY];
    uint64_t energy_before = before->values[NVB_FIGURE_ENERGY];
    uint64_t elapsed_us = (now->time_ns - before->time_ns) / 1000;
    double milliwatts = 0;

    if (now->has[NVB_FIGURE_POWER] || !now->has[NVB_FIGURE_ENERGY] ||
        !before->has[NVB_FIGURE_ENERGY] || energy <= energy_before ||
        now->time_ns < before->time_ns || elapsed_us < SHORTEST_US)
        return;
    milliwatts = (double)(energy - energy_before) * 1000 / (double)elapsed_us;
    if (milliwatts < POWER_MAX_MW) /* a counter that was put back looks like a power plant */
        nvb_gpu_live_set(now, NVB_FIGURE_POWER, (uint64_t)(milliwatts + 0.5));
}

void nvb_gpu_live_clear(struct nvb_gpu_live *live)
{
    for (size_t i = 0; i < live->n_processes; i++)
        free(live->processes[i].name);
    free(live->processes);
    nvb_strv_clear(&live->slowdowns);
    *live = (struct nvb_gpu_live){ 0 };
}

uint64_t nvb_gpu_now_ns(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

const char *nvb_figure_name(enum nvb_figure figure)
{
    return names[figure];
}
