/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu.h - how a vendor's GPUs are found: one ops table a vendor, all in one visible array.
 *
 * Public facts are in nvbind/gpu.h. The order of the array is the order of precedence: the
 * first vendor that claims a PCI device describes it. */
#pragma once

#include "host/host.h"

/* What discovery knows of one PCI display device before a vendor looks at it. */
struct nvb_pci_gpu {
    const char *address; /* "0000:01:00.0" */
    uint16_t vendor_id;
    uint16_t device_id;
    const char *driver;            /* bound kernel driver, "" when none */
    const struct nvb_gpu *sibling; /* a GPU of this driver that was described before, or NULL */
};

struct nvb_gpu_ops {
    enum nvb_gpu_vendor vendor;
    const char *name; /* "nvidia" */

    /* Is this device one of this vendor's? */
    bool (*claims)(const struct nvb_pci_gpu *pci);

    /* Fill name, uuid, driver_version, memory, Vulkan driver, vendor's own nodes; DRM nodes are
     * there already. May leave fields unset; never fails. */
    void (*describe)(const struct nvb_host *host,
                     const struct nvb_pci_gpu *pci,
                     struct nvb_gpu *gpu);
};

extern const struct nvb_gpu_ops nvb_gpu_ops_nvidia;
extern const struct nvb_gpu_ops nvb_gpu_ops_amd;
extern const struct nvb_gpu_ops nvb_gpu_ops_intel;
extern const struct nvb_gpu_ops nvb_gpu_ops_other;

/* The CPU as a GPU: true when lavapipe is installed. */
bool nvb_gpu_describe_software(const struct nvb_host *host, struct nvb_gpu *gpu);

/* Append a node path, once, keeping nodes NULL-terminated. */
void nvb_gpu_add_node(struct nvb_gpu *gpu, const char *path);

/* The same, if the node is there. */
void nvb_gpu_add_node_if_there(const struct nvb_host *host, struct nvb_gpu *gpu, const char *path);

/* /sys/module/NAME/version; NULL for drivers that have only the kernel's. Caller frees. */
char *nvb_module_dup_version(const struct nvb_host *host, const char *name);

/* The ICD manifest that names a library starting with `library_prefix` ("libvulkan_lvp.so"), or
 * NULL. The loader's directories in its order; a manifest of the machine's own word size
 * beats one for another architecture. Caller frees. */
char *nvb_vulkan_icd_dup_path(const struct nvb_host *host, const char *library_prefix);
