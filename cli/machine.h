/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* machine.h - all that `info` and `doctor` know of a machine, looked up once.
 *
 * With --root the tree answers alone: no variable, no system call of the machine that looks
 * may show in the output. */
#pragma once

#include "host/display.h"
#include "host/engine.h"
#include "host/nvml.h"
#include "host/sandbox.h"
#include "host/user.h"
#include "stats/gpu_clients.h"
#include "stats/gpu_live.h"

struct machine {
    struct nvb_host *host; /* owned */
    struct nvb_gpus gpus;
    struct nvb_sandbox sandbox;
    struct nvb_user user;
    struct nvb_engines engines;
    struct nvb_strv env; /* the caller's; empty for a captured machine */

    /* Only after machine_ask_nvml(). */
    bool has_asked_nvml;              /* false: no GPU of NVIDIA's driver, or not allowed here */
    struct nvb_nvml *nvml;            /* owned; NULL when it did not answer */
    struct nvb_nvml_facts nvml_facts; /* of an answer */
    struct nvb_err nvml_err;          /* why there was none */

    /* Only after machine_measure(). */
    struct nvb_gpu_clients clients;
    struct nvb_gpu_live *lives; /* owned; of each GPU, by its index */
};

/* `root` NULL means the live machine. */
bool machine_look(const char *root, struct machine *out, struct nvb_err *err);
void machine_clear(struct machine *machine);
#define auto_machine __attribute__((cleanup(machine_clear))) struct machine

/* Add what NVML knows to the GPUs. It wakes sleeping GPUs and may take seconds, so only those
 * answers ask that need it; a machine without NVIDIA's driver is not asked at all. */
void machine_ask_nvml(struct machine *machine);

/* See what each GPU is doing now, and for whom: a pass over /proc, so only those answers ask that show
 * it. Takes a tenth of a second longer where a GPU's power is told by two readings. */
void machine_measure(struct machine *machine);

/* GPUs that are hardware; they come first in gpus. */
size_t machine_count_hardware(const struct machine *machine);
/* The software GPU, or NULL. */
const struct nvb_gpu *machine_get_software(const struct machine *machine);
