/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvml_abi.h - the binary interface of libnvidia-ml.so.1, as far as we call it.
 *
 * No header of NVIDIA's is used. Sizes and offsets were measured against driver 550 and are the
 * same in 13.x; the assertions hold them. Every symbol is looked up by its versioned name, since
 * the unversioned one in the real library is an older interface. A pointer that is NULL means an
 * older driver: whoever calls asks first. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum nvml_code { /* as nvmlReturn_t numbers them */
    NVML_OK = 0,
    NVML_UNINITIALIZED = 1,
    NVML_INVALID_ARGUMENT = 2,
    NVML_NOT_SUPPORTED = 3,
    NVML_NO_PERMISSION = 4,
    NVML_NOT_FOUND = 6,
    NVML_TOO_SMALL = 7,
    NVML_DRIVER_NOT_LOADED = 9,
    NVML_TIMEOUT = 10,
    NVML_IRQ_TROUBLE = 11,
    NVML_LIBRARY_NOT_FOUND = 12,
    NVML_GPU_LOST = 15,
    NVML_RESET_REQUIRED = 16,
    NVML_VERSION_MISMATCH = 18,
    NVML_ARGUMENT_VERSION = 25,
    NVML_UNKNOWN = 999,
};

enum {
    NVML_UUID_SIZE = 96, /* of a MIG device; 80 do for a GPU */
    NVML_NAME_SIZE = 96,
    NVML_VERSION_SIZE = 80,
    NVML_MEMORY_V2 = 40 | 2 << 24, /* what the caller writes into `version` */
    NVML_CLOCK_GRAPHICS = 0,
    NVML_CLOCK_MEMORY = 2,
    NVML_TEMPERATURE_GPU = 0,
};

struct nvml_device; /* a GPU or a MIG device; a handle is its address */

struct nvml_pci {
    char legacy_bus_id[16]; /* 4-digit domain */
    uint32_t domain;
    uint32_t bus;
    uint32_t device;
    uint32_t device_id; /* device and vendor */
    uint32_t subsystem_id;
    char bus_id[32]; /* "00000000:0F:00.0": 8-digit domain, upper case */
};

_Static_assert(sizeof(struct nvml_pci) == 68 && offsetof(struct nvml_pci, bus_id) == 36, "pci");

struct nvml_memory {
    uint64_t total;
    uint64_t free;
    uint64_t used; /* here including what the driver keeps for itself */
};

_Static_assert(sizeof(struct nvml_memory) == 24, "memory");

struct nvml_memory_v2 {
    uint32_t version;
    uint64_t total;
    uint64_t reserved;
    uint64_t free;
    uint64_t used;
};

_Static_assert(sizeof(struct nvml_memory_v2) == 40 && offsetof(struct nvml_memory_v2, used) == 32,
               "memory v2");

struct nvml_attributes { /* of a MIG device */
    uint32_t multiprocessors;
    uint32_t engines[5];
    uint32_t gi_slices;
    uint32_t ci_slices;
    uint64_t memory_mib;
};

_Static_assert(sizeof(struct nvml_attributes) == 40, "attributes");

struct nvml_utilisation {
    uint32_t gpu_percent;
    uint32_t memory_percent;
};

_Static_assert(sizeof(struct nvml_utilisation) == 8, "utilisation");

struct nvml_process {
    uint32_t pid;
    uint64_t memory_bytes; /* UINT64_MAX: not told, as under WDDM */
    uint32_t gi_id;
    uint32_t ci_id;
};

_Static_assert(sizeof(struct nvml_process) == 24 && offsetof(struct nvml_process, gi_id) == 16,
               "process");

/* FN(field, symbol, arguments): all of them give an nvml_code. */
#define NVML_FUNCTIONS(FN)                                                                       \
    FN(init, nvmlInit_v2, (void))                                                                \
    FN(shutdown, nvmlShutdown, (void))                                                           \
    FN(driver_version, nvmlSystemGetDriverVersion, (char *, unsigned))                           \
    FN(cuda_version, nvmlSystemGetCudaDriverVersion_v2, (int *))                                 \
    FN(count, nvmlDeviceGetCount_v2, (unsigned *))                                               \
    FN(by_index, nvmlDeviceGetHandleByIndex_v2, (unsigned, struct nvml_device **))               \
    FN(by_pci, nvmlDeviceGetHandleByPciBusId_v2, (const char *, struct nvml_device **))          \
    FN(name, nvmlDeviceGetName, (struct nvml_device *, char *, unsigned))                        \
    FN(uuid, nvmlDeviceGetUUID, (struct nvml_device *, char *, unsigned))                        \
    FN(pci, nvmlDeviceGetPciInfo_v3, (struct nvml_device *, struct nvml_pci *))                  \
    FN(minor, nvmlDeviceGetMinorNumber, (struct nvml_device *, unsigned *))                      \
    FN(memory, nvmlDeviceGetMemoryInfo, (struct nvml_device *, struct nvml_memory *))            \
    FN(memory_v2, nvmlDeviceGetMemoryInfo_v2, (struct nvml_device *, struct nvml_memory_v2 *))   \
    FN(capability, nvmlDeviceGetCudaComputeCapability, (struct nvml_device *, int *, int *))     \
    FN(architecture, nvmlDeviceGetArchitecture, (struct nvml_device *, unsigned *))              \
    FN(display_active, nvmlDeviceGetDisplayActive, (struct nvml_device *, unsigned *))           \
    FN(persistence, nvmlDeviceGetPersistenceMode, (struct nvml_device *, unsigned *))            \
    FN(mig_mode, nvmlDeviceGetMigMode, (struct nvml_device *, unsigned *, unsigned *))           \
    FN(mig_max, nvmlDeviceGetMaxMigDeviceCount, (struct nvml_device *, unsigned *))              \
    FN(mig_by_index, nvmlDeviceGetMigDeviceHandleByIndex,                                        \
       (struct nvml_device *, unsigned, struct nvml_device **))                                  \
    FN(gi_id, nvmlDeviceGetGpuInstanceId, (struct nvml_device *, unsigned *))                    \
    FN(ci_id, nvmlDeviceGetComputeInstanceId, (struct nvml_device *, unsigned *))                \
    FN(attributes, nvmlDeviceGetAttributes_v2, (struct nvml_device *, struct nvml_attributes *)) \
    FN(utilisation, nvmlDeviceGetUtilizationRates,                                               \
       (struct nvml_device *, struct nvml_utilisation *))                                        \
    FN(encoder, nvmlDeviceGetEncoderUtilization, (struct nvml_device *, unsigned *, unsigned *)) \
    FN(decoder, nvmlDeviceGetDecoderUtilization, (struct nvml_device *, unsigned *, unsigned *)) \
    FN(temperature, nvmlDeviceGetTemperature, (struct nvml_device *, unsigned, unsigned *))      \
    FN(power, nvmlDeviceGetPowerUsage, (struct nvml_device *, unsigned *))                       \
    FN(power_limit, nvmlDeviceGetEnforcedPowerLimit, (struct nvml_device *, unsigned *))         \
    FN(clock, nvmlDeviceGetClockInfo, (struct nvml_device *, unsigned, unsigned *))              \
    FN(max_clock, nvmlDeviceGetMaxClockInfo, (struct nvml_device *, unsigned, unsigned *))       \
    FN(fan, nvmlDeviceGetFanSpeed, (struct nvml_device *, unsigned *))                           \
    FN(state, nvmlDeviceGetPerformanceState, (struct nvml_device *, unsigned *))                 \
    FN(pcie_gen, nvmlDeviceGetCurrPcieLinkGeneration, (struct nvml_device *, unsigned *))        \
    FN(pcie_width, nvmlDeviceGetCurrPcieLinkWidth, (struct nvml_device *, unsigned *))           \
    FN(pcie_max_gen, nvmlDeviceGetMaxPcieLinkGeneration, (struct nvml_device *, unsigned *))     \
    FN(pcie_max_width, nvmlDeviceGetMaxPcieLinkWidth, (struct nvml_device *, unsigned *))        \
    FN(throttle, nvmlDeviceGetCurrentClocksThrottleReasons, (struct nvml_device *, uint64_t *))  \
    FN(compute_processes, nvmlDeviceGetComputeRunningProcesses_v3,                               \
       (struct nvml_device *, unsigned *, struct nvml_process *))                                \
    FN(graphics_processes, nvmlDeviceGetGraphicsRunningProcesses_v3,                             \
       (struct nvml_device *, unsigned *, struct nvml_process *))

/* The library as a struct of pointers; any may be NULL but for those nvb_nvml_open() demands. */
struct nvml_api {
    /* NOLINTNEXTLINE(bugprone-macro-parentheses): a declarator */
#define NVML_FIELD(field, symbol, arguments) int(*field) arguments;
    NVML_FUNCTIONS(NVML_FIELD)
#undef NVML_FIELD
};
