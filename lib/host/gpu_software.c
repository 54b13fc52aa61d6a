/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/gpu.h"

void nvb_gpus_take_software(struct nvb_gpus *gpus, char *take_icd)
{
    struct nvb_gpu *gpu = nvb_gpus_add(gpus);

    gpu->vendor = NVB_GPU_SOFTWARE;
    gpu->name = nvb_xstrdup("software Vulkan (lavapipe)");
    gpu->driver = nvb_xstrdup("lavapipe");
    gpu->vulkan_icd = take_icd;
}

bool nvb_gpus_add_software(const struct nvb_host *host, struct nvb_gpus *gpus)
{
    char *icd = nvb_vulkan_icd_dup_path(host, "lavapipe");

    if (icd)
        nvb_gpus_take_software(gpus, icd);
    return icd != NULL;
}
