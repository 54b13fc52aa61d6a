/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_live.h - what a GPU is doing now: use, memory, heat, power, clocks, who uses it.
 *
 * NVIDIA's through an open NVML, AMD's and Intel's from sysfs and hwmon. Every figure is optional:
 * drivers, boards and permissions leave out what they like, and no figure is ever made up.
 * A GPU that sleeps is not woken to be asked. */
#pragma once

#include "host/host.h"

struct nvb_nvml;
struct nvb_gpu_clients;

enum nvb_figure {
    NVB_FIGURE_UTILISATION = 0, /* percent of the last moment in which it worked */
    NVB_FIGURE_ENCODER,         /* percent */
    NVB_FIGURE_DECODER,         /* percent */
    NVB_FIGURE_MEMORY_BUSY,     /* percent of the last moment in which it was read or written */
    NVB_FIGURE_MEMORY_USED,     /* bytes, without what the driver keeps for itself */
    NVB_FIGURE_MEMORY_TOTAL,    /* bytes */
    NVB_FIGURE_TEMPERATURE,     /* degrees Celsius, at the edge where there are several */
    NVB_FIGURE_HOTSPOT,         /* at the hottest place of the chip */
    NVB_FIGURE_MEMORY_TEMPERATURE,
    NVB_FIGURE_POWER,       /* milliwatts */
    NVB_FIGURE_POWER_LIMIT, /* milliwatts */
    NVB_FIGURE_ENERGY,      /* microjoules since the driver was loaded */
    NVB_FIGURE_CLOCK,       /* MHz, of the shaders */
    NVB_FIGURE_CLOCK_MAX,
    NVB_FIGURE_MEMORY_CLOCK,
    NVB_FIGURE_MEMORY_CLOCK_MAX,
    NVB_FIGURE_FAN,     /* percent */
    NVB_FIGURE_FAN_RPM, /* turns a minute */
    NVB_FIGURE_STATE,   /* NVIDIA's performance state, 0 = fastest */
    NVB_FIGURE_PCIE_GENERATION,
    NVB_FIGURE_PCIE_WIDTH, /* lanes */
    NVB_FIGURE_PCIE_GENERATION_MAX,
    NVB_FIGURE_PCIE_WIDTH_MAX,
    NVB_N_FIGURES,
};

/* Buffers that programs share are counted to each of them. Neither computing nor drawing nor video:
 * it has the GPU open, and nothing is known of what it does. */
struct nvb_gpu_process {
    uint32_t pid;
    char *name;            /* owned; of /proc/PID/comm, NULL when it is another user's or gone */
    uint64_t memory_bytes; /* of the GPU's own */
    bool has_memory;
    uint64_t system_memory_bytes; /* of the machine's, used by the GPU */
    bool has_system_memory;
    unsigned busy_percent; /* of the kind of engine that it keeps busiest; after two readings */
    bool has_busy;
    bool is_computing;
    bool is_drawing;
    bool is_coding; /* decodes or encodes video */
};

struct nvb_gpu_live {
    uint64_t values[NVB_N_FIGURES];
    bool has[NVB_N_FIGURES];
    bool is_asleep;            /* runtime power management: nothing but the link was asked */
    bool has_hidden_memory;    /* memory of its own, of a size that is told to root alone */
    bool has_slowdowns;        /* the list below is complete, though it may be empty */
    struct nvb_strv slowdowns; /* why it is slower than it could be, in words */
    struct nvb_gpu_process *processes; /* owned; by pid */
    size_t n_processes;
    bool has_processes;
    bool has_all_processes;    /* nobody is missing in the list */
    size_t n_unseen_processes; /* programs that may use it, but may not be looked into */
    uint64_t time_ns;          /* of the reading of the energy, CLOCK_MONOTONIC */
};

/* `nvml` may be NULL: NVIDIA's GPUs then have the PCIe link alone. `clients` too: processes are then
 * known from NVML alone. */
void nvb_gpu_live_read(const struct nvb_host *host,
                       const struct nvb_nvml *nvml,
                       const struct nvb_gpu_clients *clients,
                       const struct nvb_gpu *gpu,
                       struct nvb_gpu_live *out);
void nvb_gpu_live_clear(struct nvb_gpu_live *live);

/* Work out what only two readings can tell: the power, of a GPU that tells its energy. */
void nvb_gpu_live_compare(const struct nvb_gpu_live *before, struct nvb_gpu_live *now);
#define nvb_auto_gpu_live __attribute__((cleanup(nvb_gpu_live_clear))) struct nvb_gpu_live

void nvb_gpu_live_set(struct nvb_gpu_live *live, enum nvb_figure figure, uint64_t value);

/* CLOCK_MONOTONIC, that all readings are dated by. */
uint64_t nvb_gpu_now_ns(void);

/* The key of a figure in JSON, its unit included: "utilisation_percent". */
const char *nvb_figure_name(enum nvb_figure figure);
