/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* double.c - a stand-in for libnvidia-ml.so.1, so that a machine without a GPU can be tested.
 *
 * It has the real binary interface for what nvbind calls and answers from the text file that
 * NVML_DOUBLE names, read anew at each nvmlInit_v2 (machine.h has the format). Without the
 * variable it is a driver with no GPU. Names, layouts and codes are public facts of the interface;
 * nothing here comes from NVIDIA's library.
 *
 * Built a second time with NVML_DOUBLE_OLD it is a driver of 2018: no MIG, no architecture, no
 * process lists of version 3. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "machine.h"

#define API __attribute__((visibility("default")))

static struct machine machine;
static unsigned n_users; /* nvmlInit_v2 counts */

/* Of every call on a device: is the library in use, and can the device be reached? */
static int check(const struct nvml_device *device)
{
    if (n_users == 0)
        return NVML_UNINITIALIZED;
    if (!device)
        return NVML_INVALID_ARGUMENT;
    return device->is_lost ? NVML_GPU_LOST : NVML_OK;
}

static int put_text(char *out, unsigned size, const char *text)
{
    if (!out)
        return NVML_INVALID_ARGUMENT;
    if (strlen(text) + 1 > size)
        return NVML_TOO_SMALL;
    memcpy(out, text, strlen(text) + 1);
    return NVML_OK;
}

/* A figure of the file, or "not supported" where the file has none. */
static int put_figure(const struct nvml_device *device, enum figure figure, unsigned *out)
{
    int code = check(device);

    if (code != NVML_OK)
        return code;
    if (!device->has_figure[figure])
        return NVML_NOT_SUPPORTED;
    *out = (unsigned)device->figures[figure];
    return NVML_OK;
}

/* NOLINTBEGIN(readability-identifier-naming): the names are the real library's */

API int nvmlInit_v2(void);

API int nvmlInit_v2(void)
{
    if (n_users == 0)
        machine_read(getenv("NVML_DOUBLE"), &machine);
    if (machine.init_code != NVML_OK)
        return machine.init_code;
    n_users++;
    return NVML_OK;
}

API int nvmlShutdown(void);

API int nvmlShutdown(void)
{
    if (n_users == 0)
        return NVML_UNINITIALIZED;
    n_users--;
    if (n_users == 0)
        machine_clear(&machine);
    return NVML_OK;
}

API int nvmlSystemGetDriverVersion(char *out, unsigned size);

API int nvmlSystemGetDriverVersion(char *out, unsigned size)
{
    return n_users ? put_text(out, size, machine.driver) : NVML_UNINITIALIZED;
}

API int nvmlDeviceGetCount_v2(unsigned *out);

API int nvmlDeviceGetCount_v2(unsigned *out)
{
    if (n_users == 0)
        return NVML_UNINITIALIZED;
    *out = machine.n_gpus;
    return NVML_OK;
}

/* The real library hands out no handle of a GPU that had already gone when it was initialised. */
API int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct nvml_device **out);

API int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct nvml_device **out)
{
    if (n_users == 0)
        return NVML_UNINITIALIZED;
    if (index >= machine.n_gpus)
        return NVML_INVALID_ARGUMENT;
    if (machine.gpus[index].has_no_handle)
        return NVML_GPU_LOST;
    *out = &machine.gpus[index];
    return NVML_OK;
}

API int nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, struct nvml_device **out);

API int nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, struct nvml_device **out)
{
    if (n_users == 0)
        return NVML_UNINITIALIZED;
    for (unsigned i = 0; i < machine.n_gpus; i++) {
        if (strcasecmp(machine.gpus[i].address, bus_id) == 0)
            return nvmlDeviceGetHandleByIndex_v2(i, out);
    }
    return NVML_NOT_FOUND;
}

API int nvmlDeviceGetName(struct nvml_device *device, char *out, unsigned size);

API int nvmlDeviceGetName(struct nvml_device *device, char *out, unsigned size)
{
    char name[2 * NVML_NAME_SIZE + 8];
    int code = check(device);

    if (code != NVML_OK)
        return code;
    (void)snprintf(name, sizeof(name), "%s%s%s", device->parent ? device->parent->name : "",
                   device->parent ? " MIG " : "", device->name);
    return put_text(out, size, name);
}

API int nvmlDeviceGetUUID(struct nvml_device *device, char *out, unsigned size);

API int nvmlDeviceGetUUID(struct nvml_device *device, char *out, unsigned size)
{
    int code = check(device);

    return code == NVML_OK ? put_text(out, size, device->uuid) : code;
}

/* The address of a lost GPU is still known. */
API int nvmlDeviceGetPciInfo_v3(struct nvml_device *device, struct nvml_pci *out);

API int nvmlDeviceGetPciInfo_v3(struct nvml_device *device, struct nvml_pci *out)
{
    unsigned function = 0;
    struct nvml_pci pci = { 0 };

    if (n_users == 0)
        return NVML_UNINITIALIZED;
    if (!device)
        return NVML_INVALID_ARGUMENT;
    if (device->parent)
        device = device->parent;
    if (sscanf(device->address, "%x:%x:%x.%x", &pci.domain, &pci.bus, &pci.device, &function) != 4)
        return NVML_UNKNOWN;
    (void)snprintf(pci.legacy_bus_id, sizeof(pci.legacy_bus_id), "%04X:%02X:%02X.%X",
                   pci.domain & 0xffff, pci.bus & 0xff, pci.device & 0xff, function & 7);
    (void)snprintf(pci.bus_id, sizeof(pci.bus_id), "%08X:%02X:%02X.%X", pci.domain, pci.bus & 0xff,
                   pci.device & 0xff, function & 7);
    *out = pci;
    return NVML_OK;
}

API int nvmlDeviceGetMinorNumber(struct nvml_device *device, unsigned *out);

API int nvmlDeviceGetMinorNumber(struct nvml_device *device, unsigned *out)
{
    if (device && device->parent)
        return NVML_NOT_SUPPORTED;
    return put_figure(device, FIGURE_MINOR, out);
}

API int nvmlDeviceGetMemoryInfo(struct nvml_device *device, struct nvml_memory *out);

API int nvmlDeviceGetMemoryInfo(struct nvml_device *device, struct nvml_memory *out)
{
    int code = check(device);

    if (code != NVML_OK)
        return code;
    out->total = device->figures[FIGURE_MEMORY_MIB] << 20;
    out->used = (device->figures[FIGURE_USED_MIB] + device->figures[FIGURE_RESERVED_MIB]) << 20;
    out->free = out->total - out->used;
    return NVML_OK;
}

API int nvmlDeviceGetCudaComputeCapability(struct nvml_device *device, int *major, int *minor);

API int nvmlDeviceGetCudaComputeCapability(struct nvml_device *device, int *major, int *minor)
{
    unsigned both = 0;
    int code = put_figure(device, FIGURE_CAPABILITY, &both);

    *major = (int)both / 10;
    *minor = (int)both % 10;
    return code;
}

API int nvmlDeviceGetUtilizationRates(struct nvml_device *device, struct nvml_utilisation *out);

API int nvmlDeviceGetUtilizationRates(struct nvml_device *device, struct nvml_utilisation *out)
{
    if (device && device->n_migs > 0) /* as the real one: nothing is told of a GPU in pieces */
        return NVML_NOT_SUPPORTED;
    out->memory_percent = 0;
    return put_figure(device, FIGURE_UTILISATION, &out->gpu_percent);
}

API int nvmlDeviceGetTemperature(struct nvml_device *device, unsigned sensor, unsigned *out);

API int nvmlDeviceGetTemperature(struct nvml_device *device, unsigned sensor, unsigned *out)
{
    if (sensor != NVML_TEMPERATURE_GPU)
        return NVML_INVALID_ARGUMENT;
    return put_figure(device, FIGURE_TEMPERATURE, out);
}

API int nvmlDeviceGetClockInfo(struct nvml_device *device, unsigned which, unsigned *out);

API int nvmlDeviceGetClockInfo(struct nvml_device *device, unsigned which, unsigned *out)
{
    if (which == NVML_CLOCK_GRAPHICS)
        return put_figure(device, FIGURE_CLOCK, out);
    if (which == NVML_CLOCK_MEMORY)
        return put_figure(device, FIGURE_MEMORY_CLOCK, out);
    return NVML_INVALID_ARGUMENT;
}

API int nvmlDeviceGetMaxClockInfo(struct nvml_device *device, unsigned which, unsigned *out);

API int nvmlDeviceGetMaxClockInfo(struct nvml_device *device, unsigned which, unsigned *out)
{
    if (which == NVML_CLOCK_GRAPHICS)
        return put_figure(device, FIGURE_MAX_CLOCK, out);
    if (which == NVML_CLOCK_MEMORY)
        return put_figure(device, FIGURE_MAX_MEMORY_CLOCK, out);
    return NVML_INVALID_ARGUMENT;
}

/* One number of the file, one function. */
#define GETTER(symbol, figure)                                 \
    API int symbol(struct nvml_device *device, unsigned *out); \
    API int symbol(struct nvml_device *device, unsigned *out)  \
    {                                                          \
        return put_figure(device, figure, out);                \
    }

GETTER(nvmlDeviceGetDisplayActive, FIGURE_DISPLAY)
GETTER(nvmlDeviceGetPersistenceMode, FIGURE_PERSISTENCE)
GETTER(nvmlDeviceGetPowerUsage, FIGURE_POWER)
GETTER(nvmlDeviceGetEnforcedPowerLimit, FIGURE_POWER_LIMIT)
GETTER(nvmlDeviceGetFanSpeed, FIGURE_FAN)
GETTER(nvmlDeviceGetPerformanceState, FIGURE_STATE)
GETTER(nvmlDeviceGetCurrPcieLinkGeneration, FIGURE_PCIE_GEN)
GETTER(nvmlDeviceGetCurrPcieLinkWidth, FIGURE_PCIE_WIDTH)
GETTER(nvmlDeviceGetMaxPcieLinkGeneration, FIGURE_PCIE_MAX_GEN)
GETTER(nvmlDeviceGetMaxPcieLinkWidth, FIGURE_PCIE_MAX_WIDTH)

#ifndef NVML_DOUBLE_OLD

API int nvmlSystemGetCudaDriverVersion_v2(int *out);

API int nvmlSystemGetCudaDriverVersion_v2(int *out)
{
    *out = machine.cuda; /* needs no nvmlInit */
    return NVML_OK;
}

API int nvmlDeviceGetMemoryInfo_v2(struct nvml_device *device, struct nvml_memory_v2 *out);

API int nvmlDeviceGetMemoryInfo_v2(struct nvml_device *device, struct nvml_memory_v2 *out)
{
    int code = check(device);

    if (code != NVML_OK)
        return code;
    if (out->version != NVML_MEMORY_V2)
        return NVML_ARGUMENT_VERSION;
    out->total = device->figures[FIGURE_MEMORY_MIB] << 20;
    out->used = device->figures[FIGURE_USED_MIB] << 20;
    out->reserved = device->figures[FIGURE_RESERVED_MIB] << 20;
    out->free = out->total - out->used - out->reserved;
    return NVML_OK;
}

GETTER(nvmlDeviceGetArchitecture, FIGURE_ARCHITECTURE)

static int put_pair(struct nvml_device *device, enum figure figure, unsigned *out, unsigned *period)
{
    *period = 166667;
    return put_figure(device, figure, out);
}

API int nvmlDeviceGetEncoderUtilization(struct nvml_device *device, unsigned *out, unsigned *us);

API int nvmlDeviceGetEncoderUtilization(struct nvml_device *device, unsigned *out, unsigned *us)
{
    return put_pair(device, FIGURE_ENCODER, out, us);
}

API int nvmlDeviceGetDecoderUtilization(struct nvml_device *device, unsigned *out, unsigned *us);

API int nvmlDeviceGetDecoderUtilization(struct nvml_device *device, unsigned *out, unsigned *us)
{
    return put_pair(device, FIGURE_DECODER, out, us);
}

API int nvmlDeviceGetCurrentClocksThrottleReasons(struct nvml_device *device, uint64_t *out);

API int nvmlDeviceGetCurrentClocksThrottleReasons(struct nvml_device *device, uint64_t *out)
{
    int code = check(device);

    if (code != NVML_OK)
        return code;
    *out = device->figures[FIGURE_THROTTLE];
    return device->has_figure[FIGURE_THROTTLE] ? NVML_OK : NVML_NOT_SUPPORTED;
}

/* Asked with too little room, it tells how much is needed. */
static int put_processes(const struct nvml_device *device,
                         bool is_graphics,
                         unsigned *n,
                         struct nvml_process *out)
{
    unsigned room = *n;
    int code = check(device);

    if (code != NVML_OK)
        return code;
    *n = 0;
    for (unsigned i = 0; i < device->n_processes; i++) {
        if (device->processes[i].is_graphics != is_graphics)
            continue;
        if (out && *n < room)
            out[*n] = device->processes[i].told;
        *n += 1;
    }
    return *n > room ? NVML_TOO_SMALL : NVML_OK;
}

API int nvmlDeviceGetComputeRunningProcesses_v3(struct nvml_device *device,
                                                unsigned *n,
                                                struct nvml_process *out);

API int nvmlDeviceGetComputeRunningProcesses_v3(struct nvml_device *device,
                                                unsigned *n,
                                                struct nvml_process *out)
{
    return put_processes(device, false, n, out);
}

API int nvmlDeviceGetGraphicsRunningProcesses_v3(struct nvml_device *device,
                                                 unsigned *n,
                                                 struct nvml_process *out);

API int nvmlDeviceGetGraphicsRunningProcesses_v3(struct nvml_device *device,
                                                 unsigned *n,
                                                 struct nvml_process *out)
{
    return put_processes(device, true, n, out);
}

API int nvmlDeviceGetMigMode(struct nvml_device *device, unsigned *current, unsigned *pending);

API int nvmlDeviceGetMigMode(struct nvml_device *device, unsigned *current, unsigned *pending)
{
    int code =
        device && device->parent ? NVML_NOT_SUPPORTED : put_figure(device, FIGURE_MIG, current);

    *pending = *current;
    return code;
}

API int nvmlDeviceGetMaxMigDeviceCount(struct nvml_device *device, unsigned *out);

API int nvmlDeviceGetMaxMigDeviceCount(struct nvml_device *device, unsigned *out)
{
    *out = MIGS_MAX;
    return check(device);
}

API int
nvmlDeviceGetMigDeviceHandleByIndex(struct nvml_device *gpu, unsigned i, struct nvml_device **out);

API int
nvmlDeviceGetMigDeviceHandleByIndex(struct nvml_device *gpu, unsigned i, struct nvml_device **out)
{
    int code = check(gpu);

    if (code != NVML_OK)
        return code;
    if (gpu->parent || i >= MIGS_MAX)
        return NVML_INVALID_ARGUMENT;
    if (i >= gpu->n_migs || !*gpu->migs[i].uuid) /* the list has holes */
        return NVML_NOT_FOUND;
    *out = &gpu->migs[i];
    return NVML_OK;
}

static int put_id(struct nvml_device *device, enum figure figure, unsigned *out)
{
    return device && !device->parent ? NVML_INVALID_ARGUMENT : put_figure(device, figure, out);
}

API int nvmlDeviceGetGpuInstanceId(struct nvml_device *device, unsigned *out);

API int nvmlDeviceGetGpuInstanceId(struct nvml_device *device, unsigned *out)
{
    return put_id(device, FIGURE_GI, out);
}

API int nvmlDeviceGetComputeInstanceId(struct nvml_device *device, unsigned *out);

API int nvmlDeviceGetComputeInstanceId(struct nvml_device *device, unsigned *out)
{
    return put_id(device, FIGURE_CI, out);
}

API int nvmlDeviceGetAttributes_v2(struct nvml_device *device, struct nvml_attributes *out);

API int nvmlDeviceGetAttributes_v2(struct nvml_device *device, struct nvml_attributes *out)
{
    int code = check(device);

    if (code != NVML_OK)
        return code;
    *out = (struct nvml_attributes){ .memory_mib = device->figures[FIGURE_MEMORY_MIB] };
    return device->parent ? NVML_OK : NVML_NOT_SUPPORTED;
}

#endif

/* NOLINTEND(readability-identifier-naming) */
