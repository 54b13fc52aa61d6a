/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/gpu.h"
#include "host/nvidia.h"

enum {
    VENDOR_NVIDIA = 0x10de,
};

static bool claims(const struct nvb_pci_gpu *pci)
{
    return pci->vendor_id == VENDOR_NVIDIA;
}

/* While the GPU sleeps the driver prints "GPU-????????-????-...". */
static char *dup_uuid(const char *information)
{
    nvb_autofree char *uuid = nvb_field_dup(information, "GPU UUID");

    if (!uuid || !nvb_has_prefix(uuid, "GPU-") || strchr(uuid, '?'))
        return NULL;
    return nvb_steal(&uuid);
}

/* The minor is not the index: it follows the order in which the driver found the devices. */
static void add_own_node(const struct nvb_host *host, const char *information, struct nvb_gpu *gpu)
{
    nvb_autofree char *minor = nvb_field_dup(information, "Device Minor");
    nvb_autofree char *excluded = nvb_field_dup(information, "GPU Excluded");
    nvb_autofree char *node = NULL;
    uint64_t n = 0;

    if (!minor || !nvb_parse_u64(minor, UINT16_MAX, &n))
        return;
    if (excluded && strcmp(excluded, "Yes") == 0)
        return;
    node = nvb_xasprintf("/dev/nvidia%u", (unsigned)n);
    nvb_gpu_add_node_if_there(host, gpu, node);
}

static void add_control_nodes(const struct nvb_host *host, struct nvb_gpu *gpu)
{
    static const char *const nodes[] = {
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
        "/dev/nvidia-modeset",
    };

    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        nvb_gpu_add_node_if_there(host, gpu, nodes[i]);
}

static void describe_proprietary(const struct nvb_host *host,
                                 const struct nvb_pci_gpu *pci,
                                 struct nvb_gpu *gpu)
{
    nvb_autofree char *path =
        nvb_xasprintf("/proc/driver/nvidia/gpus/%s/information", pci->address);
    nvb_autofree char *information = nvb_host_dup_text(host, path, NVB_HOST_FILE_MAX);

    gpu->driver_version = nvb_nvidia_dup_kernel_version(host);
    gpu->vulkan_icd = nvb_vulkan_icd_dup_path(host, "libGLX_nvidia.so");
    if (information) {
        gpu->name = nvb_field_dup(information, "Model");
        gpu->uuid = dup_uuid(information);
        add_own_node(host, information, gpu);
    }
    add_control_nodes(host, gpu);
}

static void
describe(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    if (strcmp(pci->driver, "nvidia") == 0) {
        describe_proprietary(host, pci, gpu);
    } else if (strcmp(pci->driver, "nouveau") == 0) {
        gpu->vulkan_icd = nvb_vulkan_icd_dup_path(host, "libvulkan_nouveau.so");
    }
    if (!gpu->name)
        gpu->name = nvb_xasprintf("NVIDIA %04x:%04x", pci->vendor_id, pci->device_id);
}

const struct nvb_gpu_ops nvb_gpu_ops_nvidia = {
    .vendor = NVB_GPU_NVIDIA,
    .name = "nvidia",
    .claims = claims,
    .describe = describe,
};
