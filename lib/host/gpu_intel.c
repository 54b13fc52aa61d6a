/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/gpu.h"

enum {
    VENDOR_INTEL = 0x8086,
    TILES_MAX = 4,
};

static bool claims(const struct nvb_pci_gpu *pci)
{
    return pci->vendor_id == VENDOR_INTEL;
}

/* xe tells the memory of each tile; integrated GPUs have no such file. */
static uint64_t read_xe_memory(const struct nvb_host *host, const char *address)
{
    uint64_t sum = 0;

    for (unsigned tile = 0; tile < TILES_MAX; tile++) {
        nvb_autofree char *path =
            nvb_xasprintf("/sys/bus/pci/devices/%s/tile%u/physical_vram_size_bytes", address, tile);
        uint64_t bytes = 0;

        if (!nvb_host_read_u64(host, path, &bytes) || bytes > UINT64_MAX - sum)
            break;
        sum += bytes;
    }
    return sum;
}

/* i915 of Intel's own packages has the file below the card; the upstream one tells nothing. */
static uint64_t read_i915_memory(const struct nvb_host *host, const struct nvb_gpu *gpu)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < gpu->n_nodes; i++) {
        nvb_autofree char *path = NULL;

        if (!nvb_has_prefix(gpu->nodes[i], "/dev/dri/card"))
            continue;
        path = nvb_xasprintf("/sys/class/drm/%s/lmem_total_bytes",
                             gpu->nodes[i] + sizeof("/dev/dri/") - 1);
        (void)nvb_host_read_u64(host, path, &bytes);
    }
    return bytes;
}

static void
describe(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    gpu->name = nvb_xasprintf("Intel %04x:%04x", pci->vendor_id, pci->device_id);
    if (strcmp(pci->driver, "xe") == 0) {
        gpu->memory_bytes = read_xe_memory(host, pci->address);
    } else if (strcmp(pci->driver, "i915") == 0) {
        gpu->memory_bytes = read_i915_memory(host, gpu);
    } else {
        return;
    }
    gpu->driver_version = nvb_module_dup_version(host, pci->driver);
}

const struct nvb_gpu_ops nvb_gpu_ops_intel = {
    .vendor = NVB_GPU_INTEL,
    .name = "intel",
    .claims = claims,
    .describe = describe,
};
