/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/gpu.h"

enum {
    VENDOR_AMD = 0x1002,
};

static bool claims(const struct nvb_pci_gpu *pci)
{
    return pci->vendor_id == VENDOR_AMD;
}

/* Only boards whose firmware holds a FRU record have a product name; the file may be empty. */
static char *dup_name(const struct nvb_host *host, const struct nvb_pci_gpu *pci)
{
    nvb_autofree char *path = nvb_xasprintf("/sys/bus/pci/devices/%s/product_name", pci->address);
    nvb_autofree char *product = nvb_host_dup_line(host, path);

    if (!product)
        return nvb_xasprintf("AMD %04x:%04x", pci->vendor_id, pci->device_id);
    return nvb_has_prefix(product, "AMD") ? nvb_steal(&product) : nvb_xasprintf("AMD %s", product);
}

static void
describe(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    nvb_autofree char *vram =
        nvb_xasprintf("/sys/bus/pci/devices/%s/mem_info_vram_total", pci->address);

    gpu->name = dup_name(host, pci);
    if (strcmp(pci->driver, "amdgpu") != 0 && strcmp(pci->driver, "radeon") != 0)
        return;
    gpu->driver_version = nvb_module_dup_version(host, pci->driver);
    (void)nvb_host_read_u64(host, vram, &gpu->memory_bytes);
    if (strcmp(pci->driver, "amdgpu") == 0)
        nvb_gpu_add_node_if_there(host, gpu, "/dev/kfd");
}

const struct nvb_gpu_ops nvb_gpu_ops_amd = {
    .vendor = NVB_GPU_AMD,
    .name = "amd",
    .claims = claims,
    .describe = describe,
};
