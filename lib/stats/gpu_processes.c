/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_processes.c - a GPU's processes, put together from what each of its clients tells. */
#include <stdlib.h>

#include "stats/gpu_clients.h"
#include "stats/gpu_sources.h"

struct nvb_gpu_process *
nvb_gpu_live_find_process(const struct nvb_host *host, uint32_t pid, struct nvb_gpu_live *live)
{
    struct nvb_gpu_process process = { .pid = pid };
    nvb_autofree char *path = NULL;

    for (size_t i = 0; i < live->n_processes; i++) {
        if (live->processes[i].pid == pid)
            return &live->processes[i];
    }
    path = nvb_xasprintf("/proc/%u/comm", pid);
    process.name = nvb_host_dup_line(host, path);
    live->processes =
        nvb_xrealloc(live->processes, live->n_processes + 1, sizeof(*live->processes));
    live->processes[live->n_processes] = process;
    return &live->processes[live->n_processes++];
}

static int by_pid(const void *a, const void *b)
{
    const struct nvb_gpu_process *x = a;
    const struct nvb_gpu_process *y = b;

    return x->pid < y->pid ? -1 : x->pid > y->pid;
}

void nvb_gpu_live_sort_processes(struct nvb_gpu_live *live)
{
    if (live->n_processes > 1)
        qsort(live->processes, live->n_processes, sizeof(*live->processes), by_pid);
}

static bool has_worked(const struct nvb_fdinfo *info, enum nvb_engine_work work)
{
    for (size_t i = 0; i < info->n_engines; i++) {
        if (info->engines[i].work == work && (info->engines[i].busy_ns || info->engines[i].cycles))
            return true;
    }
    return false;
}

/* A session manager has every card open and does nothing with it. */
static bool is_idle(const struct nvb_fdinfo *info)
{
    bool is_told = info->n_engines > 0 || info->has_own_bytes || info->has_system_bytes;

    for (unsigned work = 0; work < NVB_N_WORKS; work++) {
        if (has_worked(info, (enum nvb_engine_work)work))
            return false;
    }
    return is_told && info->own_bytes == 0 && info->system_bytes == 0;
}

static void add_bytes(uint64_t bytes, bool is_told, uint64_t *sum, bool *has)
{
    if (!is_told || bytes > UINT64_MAX - *sum)
        return;
    *sum += bytes;
    *has = true;
}

static void add_told(const struct nvb_fdinfo *info, struct nvb_gpu_process *process)
{
    add_bytes(info->own_bytes, info->has_own_bytes, &process->memory_bytes, &process->has_memory);
    add_bytes(info->system_bytes, info->has_system_bytes, &process->system_memory_bytes,
              &process->has_system_memory);
    process->is_drawing = process->is_drawing || has_worked(info, NVB_WORK_DRAW);
    process->is_computing = process->is_computing || has_worked(info, NVB_WORK_COMPUTE);
    process->is_coding = process->is_coding || has_worked(info, NVB_WORK_VIDEO);
}

/* Of all clients, or of those of one process: how busy they keep the busiest kind of engine. */
static bool sum_busy(const struct nvb_gpu_clients *clients,
                     unsigned gpu,
                     uint32_t pid,
                     bool is_any_pid,
                     unsigned *out)
{
    unsigned sums[NVB_N_WORKS] = { 0 };
    unsigned busiest = 0;
    bool has = false;

    for (size_t i = 0; i < clients->n; i++) {
        const struct nvb_gpu_client *client = &clients->items[i];

        if (client->gpu != gpu || !client->has_busy || (!is_any_pid && client->pid != pid))
            continue;
        has = true;
        for (unsigned work = 0; work < NVB_N_WORKS; work++)
            sums[work] += client->busy_percent[work];
    }
    for (unsigned work = 0; work < NVB_N_WORKS; work++)
        busiest = sums[work] > busiest ? sums[work] : busiest;
    *out = busiest > 100 ? 100 : busiest;
    return has;
}

static void add_client(const struct nvb_gpu_source *source,
                       const struct nvb_gpu_clients *clients,
                       const struct nvb_gpu_client *client,
                       struct nvb_gpu_live *live)
{
    struct nvb_gpu_process *process = NULL;

    if (client->is_told && is_idle(&client->info))
        return;
    process = nvb_gpu_live_find_process(source->host, client->pid, live);
    if (client->is_told)
        add_told(&client->info, process);
    process->has_busy = sum_busy(clients, client->gpu, client->pid, false, &process->busy_percent);
}

/* The same memory is told by the process's DRM client too, when that may be read. */
static void add_computing(const struct nvb_gpu_source *source,
                          const struct nvb_kfd_process *told,
                          struct nvb_gpu_live *live)
{
    struct nvb_gpu_process *process = nvb_gpu_live_find_process(source->host, told->pid, live);

    process->is_computing = true;
    if (!process->has_memory || process->memory_bytes < told->memory_bytes)
        process->memory_bytes = told->memory_bytes;
    process->has_memory = true;
}

void nvb_gpu_live_add_clients(const struct nvb_gpu_source *source,
                              const struct nvb_gpu_clients *clients,
                              struct nvb_gpu_live *live)
{
    unsigned gpu = source->gpu->index;
    unsigned busy = 0;

    if (live->has_processes || !clients->is_known || !nvb_gpu_has_clients(source->gpu))
        return;
    live->has_processes = true;
    live->n_unseen_processes = clients->n_unseen;
    live->has_all_processes = clients->n_unseen == 0 && !clients->has_hidden && !clients->is_cut;
    for (size_t i = 0; i < clients->n; i++) {
        if (clients->items[i].gpu == gpu)
            add_client(source, clients, &clients->items[i], live);
    }
    for (size_t i = 0; i < clients->n_computing; i++) {
        if (clients->computing[i].gpu == gpu)
            add_computing(source, &clients->computing[i], live);
    }
    nvb_gpu_live_sort_processes(live);
    /* The sum of all is the GPU's own use, but only when all could be read. */
    if (!live->has[NVB_FIGURE_UTILISATION] && live->has_all_processes &&
        sum_busy(clients, gpu, 0, true, &busy))
        nvb_gpu_live_set(live, NVB_FIGURE_UTILISATION, busy);
}
