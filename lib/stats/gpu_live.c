/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_live.h"

#include <string.h>

#include "host/gpu.h"
#include "stats/gpu_sources.h"

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
    [NVB_FIGURE_MEMORY_USED] = "memory_used_bytes",
    [NVB_FIGURE_MEMORY_TOTAL] = "memory_total_bytes",
    [NVB_FIGURE_TEMPERATURE] = "temperature_celsius",
    [NVB_FIGURE_POWER] = "power_milliwatts",
    [NVB_FIGURE_POWER_LIMIT] = "power_limit_milliwatts",
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

char *nvb_gpu_dup_hwmon(const struct nvb_gpu_source *source)
{
    nvb_autofree char *dir = nvb_xasprintf("%s/hwmon", source->device);
    nvb_auto_strv entries = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(source->host->root_fd, dir, &entries, &ignored);
    for (size_t i = 0; i < entries.n; i++) {
        if (nvb_has_prefix(entries.items[i], "hwmon"))
            return nvb_xasprintf("%s/%s", dir, entries.items[i]);
    }
    return NULL;
}

/* "16.0 GT/s PCIe": the rate of a lane names the generation. */
static void read_link_speed(const struct nvb_gpu_source *source,
                            const char *file,
                            enum nvb_figure figure,
                            struct nvb_gpu_live *live)
{
    static const char *const rates[] = { "2.5 ", "5.0 ", "8.0 ", "16.0 ", "32.0 ", "64.0 " };
    nvb_autofree char *path = nvb_xasprintf("%s/%s", source->device, file);
    nvb_autofree char *line = nvb_host_dup_line(source->host, path);

    for (unsigned i = 0; line && i < sizeof(rates) / sizeof(rates[0]); i++) {
        if (nvb_has_prefix(line, rates[i]))
            nvb_gpu_live_set(live, figure, i + 1);
    }
}

/* The kernel's own view of the link, for any driver. A GPU inside the processor has none to
 * tell of: width 0, or 255 once it fell off the bus. */
static void read_link(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    static const enum nvb_figure widths[] = { NVB_FIGURE_PCIE_WIDTH, NVB_FIGURE_PCIE_WIDTH_MAX };

    read_link_speed(source, "current_link_speed", NVB_FIGURE_PCIE_GENERATION, live);
    read_link_speed(source, "max_link_speed", NVB_FIGURE_PCIE_GENERATION_MAX, live);
    nvb_gpu_live_set_file(source, source->device, "current_link_width", 1, NVB_FIGURE_PCIE_WIDTH,
                          live);
    nvb_gpu_live_set_file(source, source->device, "max_link_width", 1, NVB_FIGURE_PCIE_WIDTH_MAX,
                          live);
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        if (live->values[widths[i]] == 0 || live->values[widths[i]] > 32)
            live->has[widths[i]] = false;
    }
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

    *out = (struct nvb_gpu_live){ 0 };
    out->is_asleep = nvb_gpu_is_asleep(host, gpu);
    if (gpu->pci_address)
        read_link(&source, out);
    if (out->is_asleep)
        return;
    for (size_t i = 0; gpu->pci_address && i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (strcmp(sources[i].driver, gpu->driver) == 0)
            sources[i].read(&source, out);
    }
    if (clients)
        nvb_gpu_live_add_clients(&source, clients, out);
}

void nvb_gpu_live_clear(struct nvb_gpu_live *live)
{
    for (size_t i = 0; i < live->n_processes; i++)
        free(live->processes[i].name);
    free(live->processes);
    nvb_strv_clear(&live->slowdowns);
    *live = (struct nvb_gpu_live){ 0 };
}

const char *nvb_figure_name(enum nvb_figure figure)
{
    return names[figure];
}
