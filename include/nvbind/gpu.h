/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu.h - the GPUs of a machine as plain facts.
 *
 * Read from /sys and /proc below a root, so a captured machine answers like a live one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "nvbind/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum nvb_gpu_vendor {
    NVB_GPU_NVIDIA = 1,
    NVB_GPU_AMD,
    NVB_GPU_INTEL,
    NVB_GPU_OTHER,    /* a DRM render node of a driver without an entry of its own */
    NVB_GPU_SOFTWARE, /* lavapipe: Vulkan on the CPU */
};

enum nvb_driver_kind { /* of NVIDIA's GPUs; others have one driver each */
    NVB_DRIVER_UNKNOWN = 0,
    NVB_DRIVER_OPEN,        /* NVIDIA's module with its source, from Turing on */
    NVB_DRIVER_PROPRIETARY, /* NVIDIA's module without */
    NVB_DRIVER_NOUVEAU,
};

/* One MIG device: a compute instance of a GPU instance. */
struct nvb_mig {
    unsigned index; /* the B of "A:B"; in order of the ids, and NVML's own once it was asked */
    char *uuid;     /* owned; "MIG-...", NULL until NVML was asked */
    char *profile;  /* owned; "1g.10gb", NULL until NVML was asked */
    unsigned gi_id;
    unsigned ci_id;
    uint64_t memory_bytes; /* 0 = unknown */
    bool has_graphics;     /* a profile with "+gfx" may open the GPU's DRM nodes */
    char *gi_node;         /* owned; "/dev/nvidia-caps/nvidia-cap12", NULL when unknown */
    char *ci_node;         /* owned */
};

struct nvb_gpu {
    unsigned index; /* 0-based among the hardware GPUs in PCI address order; software comes last */
    enum nvb_gpu_vendor vendor;
    char *name;             /* owned; "NVIDIA GeForce RTX 4070", "AMD 1002:73bf", never NULL */
    char *uuid;             /* owned; "GPU-...", NULL when the vendor has none */
    char *pci_address;      /* owned; "0000:01:00.0", NULL for software */
    uint16_t pci_vendor_id; /* 0x10de..., 0 for software */
    uint16_t pci_device_id;
    char *driver; /* owned; kernel driver: "nvidia" "nouveau" "amdgpu" "i915" "xe"; "lavapipe" */
    char *driver_version;  /* owned; NULL when the driver has none of its own */
    uint64_t memory_bytes; /* VRAM; 0 when unknown or shared with the CPU */
    char **nodes;          /* owned, NULL-terminated; device nodes a container needs to use it */
    size_t n_nodes;
    char *vulkan_icd; /* owned; path of its ICD manifest, NULL when none was found */

    unsigned vendor_index; /* rank among the GPUs of its driver: NVML's index for NVIDIA */
    unsigned minor;        /* N of /dev/nvidiaN; neither of the indexes */
    bool has_minor;
    int numa_node; /* -1 = unknown, or the machine has one only */
    enum nvb_driver_kind driver_kind;
    bool is_mig_enabled;
    struct nvb_mig *migs; /* owned */
    size_t n_migs;

    /* Only once NVML was asked. */
    bool has_nvml;          /* it knows of this GPU: what follows is told and not just unset */
    unsigned compute_major; /* 0 = unknown */
    unsigned compute_minor;
    char *architecture; /* owned; "Ada Lovelace", NULL = unknown */
    bool is_display_active;
    bool is_persistent;
    bool is_lost; /* it fell off the bus: nothing works until a restart */
};

struct nvb_gpus {
    struct nvb_gpu *items; /* owned */
    size_t n;
};

struct nvb_host;

/* Look at a machine: `root` is "/" or the top of a captured tree. */
NVB_API bool nvb_host_open(const char *root, struct nvb_host **out_host, struct nvb_err *err);
NVB_API void nvb_host_free(struct nvb_host *host);

/* Every GPU, hardware first. No GPU is an answer (n == 0 or only software), not an error;
 * one broken GPU does not hide the others. */
NVB_API bool
nvb_gpus_find(const struct nvb_host *host, struct nvb_gpus *out_gpus, struct nvb_err *err);
NVB_API void nvb_gpus_clear(struct nvb_gpus *gpus);

/* "open", "proprietary", "nouveau"; NULL for NVB_DRIVER_UNKNOWN. */
NVB_API const char *nvb_driver_kind_name(enum nvb_driver_kind kind);

/* "nvidia", "amd", "intel", "other", "software". */
NVB_API const char *nvb_gpu_vendor_name(enum nvb_gpu_vendor vendor);

#ifdef __cplusplus
}
#endif
