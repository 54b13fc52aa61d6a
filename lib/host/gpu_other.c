/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/gpu.h"

/* Mesa's Vulkan drivers by kernel driver; a driver without a row is rendered to by GL only. */
static bool claims(const struct nvb_pci_gpu *pci)
{
    (void)pci;
    return true;
}

static char *dup_name(const struct nvb_pci_gpu *pci)
{
    if (strcmp(pci->driver, "dxgkrnl") == 0)
        return nvb_xstrdup("WSL2 GPU");
    if (*pci->address)
        return nvb_xasprintf("GPU %04x:%04x", pci->vendor_id, pci->device_id);
    return nvb_xasprintf("%s GPU", *pci->driver ? pci->driver : "unnamed");
}

static void
describe(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    gpu->name = dup_name(pci);
    if (strcmp(pci->driver, "dxgkrnl") == 0) /* Windows drives it; all its GPUs are one here */
        nvb_gpu_add_node_if_there(host, gpu, "/dev/dxg");
}

const struct nvb_gpu_ops nvb_gpu_ops_other = {
    .vendor = NVB_GPU_OTHER,
    .name = "other",
    .claims = claims,
    .describe = describe,
};
