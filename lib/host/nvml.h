/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvml.h - NVIDIA's management library, found below the host's root and opened at run time.
 *
 * Never linked. One nvmlInit_v2 a run; every symbol is looked up by its versioned name and may
 * be missing (an old driver): the fact it would give is then unknown. One lost GPU (return code
 * 15) does not hide the others. Sizes and offsets of the structs: nvml_abi.h.
 *
 * To open a library is to run its code. The live machine's own is as trusted as the machine; one
 * found below another root is foreign code, so it is opened only when the caller's environment
 * says NVBIND_NVML=1. NVBIND_NVML_LIBRARY=PATH names the library outright, for tests; both are
 * ignored in a program that gained privileges when it started. */
#pragma once

#include "host/host.h"

struct nvb_nvml; /* an open library */
struct nvml_api;
struct nvml_device;

struct nvb_nvml_mig { /* one MIG device */
    unsigned index;   /* NVML's loop index below its GPU: the B of "A:B" */
    char *uuid;       /* owned; "MIG-..." */
    char *profile;    /* owned; "1g.10gb", NULL when unknown */
    unsigned gi_id;   /* GPU instance */
    unsigned ci_id;   /* compute instance */
    uint64_t memory_bytes;
    bool has_graphics; /* profile with "+gfx" */
};

struct nvb_nvml_gpu {
    unsigned index;    /* NVML's, PCI bus order */
    bool is_lost;      /* NVML knows of it but cannot reach it; only index and maybe pci are set */
    char *uuid;        /* owned; "GPU-..." */
    char *name;        /* owned */
    char *pci_address; /* owned; sysfs form "0000:0f:00.0" */
    unsigned minor;    /* N of /dev/nvidiaN; not the index */
    bool has_minor;
    uint64_t memory_bytes;
    unsigned compute_major; /* 0 = unknown */
    unsigned compute_minor;
    char *architecture; /* owned; "Ada Lovelace"; NULL = unknown */
    bool is_mig_enabled;
    bool is_display_active;
    bool is_persistent;
    struct nvb_nvml_mig *migs; /* owned */
    size_t n_migs;
};

struct nvb_nvml_facts {
    char *driver_version;      /* owned; "550.163.01" */
    unsigned cuda_version;     /* 12040 = 12.4; 0 = unknown */
    struct nvb_nvml_gpu *gpus; /* owned */
    size_t n_gpus;
};

/* NVB_E_NOT_FOUND: no library. NVB_E_CONFLICT: library and kernel module differ (return code 18),
 * with the fix as hint. NVB_E_UNSUPPORTED: driver not loaded (9), or not a library of NVML's.
 * NVB_E_DENIED: no permission (4), or the library of another root than "/". */
bool nvb_nvml_open(const struct nvb_host *host, struct nvb_nvml **out, struct nvb_err *err);
void nvb_nvml_close(struct nvb_nvml *nvml); /* nvmlShutdown */
NVB_DEFINE_AUTOPTR(nvb_nvml, nvb_nvml_close)

bool nvb_nvml_read(struct nvb_nvml *nvml, struct nvb_nvml_facts *out, struct nvb_err *err);
void nvb_nvml_facts_clear(struct nvb_nvml_facts *facts);
#define nvb_auto_nvml_facts __attribute__((cleanup(nvb_nvml_facts_clear))) struct nvb_nvml_facts

/* Put what NVML told into the GPUs that /proc and sysfs told of, matched by PCI address and then
 * by UUID. MIG devices keep the capability nodes that are known already. Lost GPUs that NVML
 * cannot place are those that no other answer fits, when their number is the same. */
void nvb_gpus_add_nvml(struct nvb_gpus *gpus, const struct nvb_nvml_facts *facts);

/* For live figures: the functions of the open library, and the handle of the GPU at a PCI address
 * or NULL. Both borrowed. */
const struct nvml_api *nvb_nvml_get_api(const struct nvb_nvml *nvml);
struct nvml_device *nvb_nvml_find(const struct nvb_nvml *nvml, const char *pci_address);

/* Would nvb_nvml_open() run a library at all? False for the tree of another machine. */
bool nvb_nvml_is_allowed(const struct nvb_host *host);
