/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* machine.h - the GPUs that the NVML double pretends to have, read from a text file.
 *
 * One "KEY VALUE" a line, '#' starts a comment. First the library's own: `driver VERSION`,
 * `cuda 12040`, `init CODE` (what nvmlInit_v2 answers). Then, for each GPU in order:
 *
 *   gpu 0000:07:00.0           starts a GPU; below it:
 *   name, uuid                 text
 *   lost                       every call on it answers 15; `gone` denies even the handle
 *   FIGURE NUMBER              one of the names in machine.c: minor, memory_mib, power_mw...
 *   process PID MIB            computes; `draws PID MIB` draws; MIB "-" is "not told"
 *   mig GI CI PROFILE UUID MIB a MIG device; `hole` skips one index
 *
 * An unknown word ends the program: a test with a spelling mistake must not pass. */
#pragma once

#include <stdbool.h>

#include "host/nvml_abi.h"

enum {
    GPUS_MAX = 16,
    MIGS_MAX = 8,
    PROCESSES_MAX = 64,
};

enum figure {
    FIGURE_MINOR,
    FIGURE_MEMORY_MIB,
    FIGURE_USED_MIB,
    FIGURE_RESERVED_MIB,
    FIGURE_CAPABILITY, /* 89 = 8.9 */
    FIGURE_ARCHITECTURE,
    FIGURE_DISPLAY,
    FIGURE_PERSISTENCE,
    FIGURE_UTILISATION,
    FIGURE_ENCODER,
    FIGURE_DECODER,
    FIGURE_TEMPERATURE,
    FIGURE_POWER,
    FIGURE_POWER_LIMIT,
    FIGURE_CLOCK,
    FIGURE_MAX_CLOCK,
    FIGURE_MEMORY_CLOCK,
    FIGURE_MAX_MEMORY_CLOCK,
    FIGURE_FAN,
    FIGURE_STATE,
    FIGURE_PCIE_GEN,
    FIGURE_PCIE_WIDTH,
    FIGURE_PCIE_MAX_GEN,
    FIGURE_PCIE_MAX_WIDTH,
    FIGURE_THROTTLE, /* nvmlClocksEventReasons bits */
    FIGURE_MIG,
    FIGURE_GI,
    FIGURE_CI,
    N_FIGURES,
};

struct process {
    struct nvml_process told;
    bool is_graphics;
};

struct nvml_device { /* a GPU, or a MIG device when it has a parent */
    char address[32];
    char name[NVML_NAME_SIZE]; /* of a MIG device: its profile */
    char uuid[NVML_UUID_SIZE]; /* of a hole in the list of MIG devices: empty */
    bool is_lost;
    bool has_no_handle;
    bool has_figure[N_FIGURES];
    uint64_t figures[N_FIGURES];
    struct process processes[PROCESSES_MAX];
    unsigned n_processes;
    struct nvml_device *parent; /* borrowed */
    struct nvml_device *migs;   /* owned; of MIGS_MAX */
    unsigned n_migs;
};

struct machine {
    char driver[NVML_VERSION_SIZE];
    int cuda;
    int init_code;
    struct nvml_device gpus[GPUS_MAX];
    unsigned n_gpus;
};

/* `path` NULL: a driver without GPUs. */
void machine_read(const char *path, struct machine *out);
void machine_clear(struct machine *machine);
