/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/gpu.h"

bool nvb_gpu_describe_software(const struct nvb_host *host, struct nvb_gpu *gpu)
{
    char *icd = nvb_vulkan_icd_dup_path(host, "libvulkan_lvp.so");

    if (!icd)
        return false;
    gpu->vendor = NVB_GPU_SOFTWARE;
    gpu->numa_node = -1;
    gpu->name = nvb_xstrdup("software Vulkan (lavapipe)");
    gpu->driver = nvb_xstrdup("lavapipe");
    gpu->vulkan_icd = icd;
    return true;
}
