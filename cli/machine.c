/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/nvidia.h"

bool machine_look(const char *root, struct machine *out, struct nvb_err *err)
{
    struct machine m = { 0 };

    if (!nvb_host_open(root ? root : "/", &m.host, err))
        return false;
    if (!nvb_gpus_find(m.host, &m.gpus, err)) {
        machine_clear(&m);
        return false;
    }
    nvb_sandbox_read(m.host, &m.sandbox);
    nvb_user_read(m.host, &m.user);
    nvb_engines_find(m.host, m.host->is_live ? getenv("PATH") : NULL, &m.engines);
    for (char **e = environ; m.host->is_live && *e; e++)
        nvb_strv_add(&m.env, *e);
    *out = m;
    return true;
}

/* A driver that NVML speaks to. */
static bool has_nvidia_driver(const struct machine *machine)
{
    for (size_t i = 0; i < machine->gpus.n; i++) {
        const char *driver = machine->gpus.items[i].driver;

        if (strcmp(driver, "nvidia") == 0)
            return true;
        if (strcmp(driver, "dxgkrnl") == 0 && nvb_nvidia_has_library(machine->host))
            return true; /* else Windows has a GPU of another maker */
    }
    return false;
}

void machine_ask_nvml(struct machine *machine)
{
    if (machine->has_asked_nvml || !has_nvidia_driver(machine) ||
        !nvb_nvml_is_allowed(machine->host))
        return;
    machine->has_asked_nvml = true;
    if (!nvb_nvml_open(machine->host, &machine->nvml, &machine->nvml_err))
        return;
    if (nvb_nvml_read(machine->nvml, &machine->nvml_facts, &machine->nvml_err)) {
        nvb_gpus_add_nvml(&machine->gpus, &machine->nvml_facts);
    } else {
        nvb_nvml_close(nvb_steal(&machine->nvml));
    }
}

static void read_live(const struct machine *m, size_t gpu, struct nvb_gpu_live *out)
{
    nvb_gpu_live_read(m->host, m->nvml, &m->clients, &m->gpus.items[gpu], out);
}

static bool is_worth_two(const struct nvb_gpu_live *live)
{
    return live->has[NVB_FIGURE_ENERGY] && !live->has[NVB_FIGURE_POWER];
}

static void measure_again(const struct machine *m, size_t gpu)
{
    struct nvb_gpu_live now = { 0 };

    read_live(m, gpu, &now);
    nvb_gpu_live_compare(&m->lives[gpu], &now);
    nvb_gpu_live_clear(&m->lives[gpu]);
    m->lives[gpu] = now;
}

void machine_measure(struct machine *m)
{
    const struct timespec pause = { .tv_nsec = 100000000 };
    bool is_any = false;

    nvb_gpu_clients_read(m->host, &m->gpus, &m->clients);
    m->lives = nvb_xcalloc(m->gpus.n + 1, sizeof(*m->lives));
    for (size_t i = 0; i < m->gpus.n; i++) {
        read_live(m, i, &m->lives[i]);
        is_any = is_any || is_worth_two(&m->lives[i]);
    }
    if (!is_any || !m->host->is_live) /* nothing moves on a captured machine */
        return;
    (void)nanosleep(&pause, NULL);
    for (size_t i = 0; i < m->gpus.n; i++) {
        if (is_worth_two(&m->lives[i]))
            measure_again(m, i);
    }
}

void machine_clear(struct machine *machine)
{
    for (size_t i = 0; machine->lives && i < machine->gpus.n; i++)
        nvb_gpu_live_clear(&machine->lives[i]);
    free(machine->lives);
    nvb_gpu_clients_clear(&machine->clients);
    nvb_host_free(machine->host);
    nvb_gpus_clear(&machine->gpus);
    nvb_sandbox_clear(&machine->sandbox);
    nvb_user_clear(&machine->user);
    nvb_engines_clear(&machine->engines);
    nvb_strv_clear(&machine->env);
    nvb_nvml_close(machine->nvml);
    nvb_nvml_facts_clear(&machine->nvml_facts);
    nvb_err_clear(&machine->nvml_err);
    *machine = (struct machine){ 0 };
}

size_t machine_count_hardware(const struct machine *machine)
{
    size_t n = 0;

    while (n < machine->gpus.n && machine->gpus.items[n].vendor != NVB_GPU_SOFTWARE)
        n++;
    return n;
}

const struct nvb_gpu *machine_get_software(const struct machine *machine)
{
    size_t n = machine_count_hardware(machine);

    return n < machine->gpus.n ? &machine->gpus.items[n] : NULL;
}
