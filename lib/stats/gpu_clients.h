/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_clients.h - which processes have a GPU open, for all GPUs in one pass over /proc.
 *
 * Only descriptors that lead to /dev/dri or to an NVIDIA GPU's own node are looked into. A client
 * that is open in several processes is counted to the one with the lowest number. Processes come
 * and go meanwhile: what is gone is left out. A sleeping GPU's clients are not asked for, since xe
 * wakes the GPU to answer. */
#pragma once

#include "host/host.h"
#include "stats/fdinfo.h"

/* `info` comes last: gcc 12's -ftrivial-auto-var-init, meant for the holes behind an array of
 * structs, clears fields inside the array instead. */
struct nvb_gpu_client {
    uint32_t pid;
    unsigned gpu;     /* its index */
    uint64_t time_ns; /* when it was read, CLOCK_MONOTONIC */
    bool is_told;     /* else the driver tells nothing: it has the GPU open, that is all */
    bool has_busy;    /* only after nvb_gpu_clients_compare() */
    unsigned busy_percent[NVB_N_WORKS];
    struct nvb_fdinfo info; /* of a told one */
};

/* A process of AMD's compute driver. Those of every user are told, with no more than this. */
struct nvb_kfd_process {
    uint32_t pid;
    unsigned gpu; /* its index */
    uint64_t memory_bytes;
};

struct nvb_gpu_clients {
    bool is_known;                /* false: there is no /proc that tells of processes */
    struct nvb_gpu_client *items; /* owned; by pid */
    size_t n;
    struct nvb_kfd_process *computing; /* owned; of processes with memory of the GPU */
    size_t n_computing;
    size_t n_unseen; /* programs that this user may not look into */
    bool has_hidden; /* of other users' not even the number is known (/proc with hidepid=2) */
    bool is_cut;     /* there are more than anyone can have; the rest is missing */
};

void nvb_gpu_clients_read(const struct nvb_host *host,
                          const struct nvb_gpus *gpus,
                          struct nvb_gpu_clients *out);
void nvb_gpu_clients_clear(struct nvb_gpu_clients *clients);
#define nvb_auto_gpu_clients __attribute__((cleanup(nvb_gpu_clients_clear))) struct nvb_gpu_clients

/* It has a node by which its clients are found; under WSL2 there is one for all GPUs. */
bool nvb_gpu_has_clients(const struct nvb_gpu *gpu);

/* Work out how busy each client kept its GPU since an earlier reading. */
void nvb_gpu_clients_compare(const struct nvb_gpu_clients *before, struct nvb_gpu_clients *now);

/* AMD's compute processes, from /sys/class/kfd; called by the above. */
void nvb_kfd_read(const struct nvb_host *host,
                  const struct nvb_gpus *gpus,
                  struct nvb_gpu_clients *out);
