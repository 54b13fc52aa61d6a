/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_link.c - the PCIe link of a GPU's slot.
 *
 * AMD's boards since Vega and Intel's Arc have a PCIe switch of their own: the GPU is behind its
 * downstream port and tells of a link inside the board, on Arc of one lane of the first generation.
 * The link to the slot is that of the switch's upstream port, two bridges above the GPU. */
#include <string.h>

#include "host/pci.h"
#include "stats/gpu_sources.h"

enum {
    VENDOR_AMD_CPU = 0x1022,
    VEGA_UPSTREAM = 0x1470,
    VEGA_DOWNSTREAM = 0x1471,
};

/* "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/...": the GPU's address comes last. */
static void list_path(const struct nvb_gpu_source *source, struct nvb_strv *out)
{
    nvb_autofree char *link = nvb_host_dup_link(source->host, source->device);

    for (const char *p = link; p && *p; p += *p == '/') {
        size_t len = strcspn(p, "/");
        nvb_autofree char *part = nvb_xstrndup(p, len);

        if (nvb_pci_is_address(part))
            nvb_strv_take(out, nvb_steal(&part));
        p += len;
    }
}

/* A bridge of the GPU's maker; Vega's have AMD's number of processors. */
static bool is_on_board(const struct nvb_gpu_source *source, const char *address)
{
    nvb_autofree char *path = nvb_xasprintf("/sys/bus/pci/devices/%s/class", address);
    nvb_autofree char *class = nvb_host_dup_line(source->host, path);
    uint16_t vendor = nvb_pci_read_id(source->host, address, "vendor");
    uint16_t device = nvb_pci_read_id(source->host, address, "device");

    return class && nvb_has_prefix(class, "0x0604") &&
           (vendor == source->gpu->pci_vendor_id ||
            (vendor == VENDOR_AMD_CPU && (device == VEGA_UPSTREAM || device == VEGA_DOWNSTREAM)));
}

/* With Intel's processors the port of the slot is Intel's as well: it is the first of the path, and
 * the switch of the board cannot be. */
static char *dup_slot_device(const struct nvb_gpu_source *source)
{
    nvb_auto_strv path = { 0 };

    list_path(source, &path);
    if (path.n >= 4 && is_on_board(source, path.items[path.n - 2]) &&
        is_on_board(source, path.items[path.n - 3]))
        return nvb_xasprintf("/sys/bus/pci/devices/%s", path.items[path.n - 3]);
    return nvb_xstrdup(source->device);
}

/* "16.0 GT/s PCIe": the rate of a lane names the generation. */
static void read_speed(const struct nvb_gpu_source *source,
                       const char *device,
                       const char *file,
                       enum nvb_figure figure,
                       struct nvb_gpu_live *live)
{
    static const char *const rates[] = { "2.5 ", "5.0 ", "8.0 ", "16.0 ", "32.0 ", "64.0 " };
    nvb_autofree char *path = nvb_xasprintf("%s/%s", device, file);
    nvb_autofree char *line = nvb_host_dup_line(source->host, path);

    for (unsigned i = 0; line && i < sizeof(rates) / sizeof(rates[0]); i++) {
        if (nvb_has_prefix(line, rates[i]))
            nvb_gpu_live_set(live, figure, i + 1);
    }
}

/* A GPU inside the processor has none to tell of: width 0, or 255 once it fell off the bus. */
void nvb_gpu_live_read_link(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    static const enum nvb_figure widths[] = { NVB_FIGURE_PCIE_WIDTH, NVB_FIGURE_PCIE_WIDTH_MAX };

    nvb_autofree char *device = dup_slot_device(source);

    read_speed(source, device, "current_link_speed", NVB_FIGURE_PCIE_GENERATION, live);
    read_speed(source, device, "max_link_speed", NVB_FIGURE_PCIE_GENERATION_MAX, live);
    nvb_gpu_live_set_file(source, device, "current_link_width", 1, NVB_FIGURE_PCIE_WIDTH, live);
    nvb_gpu_live_set_file(source, device, "max_link_width", 1, NVB_FIGURE_PCIE_WIDTH_MAX, live);
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        if (live->values[widths[i]] == 0 || live->values[widths[i]] > 32)
            live->has[widths[i]] = false;
    }
}
