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

    /* Fill name, uuid, driver_version, memory, vendor's own nodes; DRM nodes are there already. May leave fields unset; never fails. */
    void (*describe)(const struct nvb_host *host,
                     const struct nvb_pci_gpu *pci,
                     struct nvb_gpu *gpu);
};

extern const struct nvb_gpu_ops nvb_gpu_ops_nvidia;
extern const struct nvb_gpu_ops nvb_gpu_ops_amd;
extern const struct nvb_gpu_ops nvb_gpu_ops_intel;
extern const struct nvb_gpu_ops nvb_gpu_ops_other;

/* Append the CPU as a GPU; false when lavapipe is not installed. */
bool nvb_gpus_add_software(const struct nvb_host *host, struct nvb_gpus *gpus);
/* The same with lavapipe's manifest. */
void nvb_gpus_take_software(struct nvb_gpus *gpus, char *take_icd);

/* Append an empty one, with the next index. Borrowed until the next is appended. */
struct nvb_gpu *nvb_gpus_add(struct nvb_gpus *gpus);

/* Append a node path, once, keeping nodes NULL-terminated. */
void nvb_gpu_add_node(struct nvb_gpu *gpu, const char *path);

/* The same, if the node is there. */
void nvb_gpu_add_node_if_there(const struct nvb_host *host, struct nvb_gpu *gpu, const char *path);

/* /sys/module/NAME/version; NULL for drivers that have only the kernel's. Caller frees. */
char *nvb_module_dup_version(const struct nvb_host *host, const char *name);

/* The Vulkan loader's directories of manifests, in its order; ends with NULL. */
extern const char *const nvb_vulkan_icd_dirs[];

/* The ICD manifest of the Vulkan driver that goes with a kernel driver ("amdgpu"; "lavapipe" for
 * the CPU), or NULL. A manifest of the machine's own word size beats one for another
 * architecture. Caller frees. */
char *nvb_vulkan_icd_dup_path(const struct nvb_host *host, const char *driver);

/* The same for each of the GPUs that has none yet; every manifest is read once. */
void nvb_gpus_find_vulkan(const struct nvb_host *host, struct nvb_gpus *gpus);

/* And the CPU behind them. */
void nvb_gpus_find_vulkan_and_software(const struct nvb_host *host, struct nvb_gpus *gpus);

/* The hardware alone, without what its programs need: nvb_gpus_find() is this, then their Vulkan
 * drivers and the CPU as the last of them. What a start with a GPU does not need costs it time. */
bool nvb_gpus_find_hardware(const struct nvb_host *host,
                            struct nvb_gpus *out_gpus,
                            struct nvb_err *err);

/* Runtime power management has it suspended: asking it for anything would wake it. */
bool nvb_gpu_is_asleep(const struct nvb_host *host, const struct nvb_gpu *gpu);
