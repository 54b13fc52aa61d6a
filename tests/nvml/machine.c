/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const figure_names[N_FIGURES] = {
    [FIGURE_MINOR] = "minor",
    [FIGURE_MEMORY_MIB] = "memory_mib",
    [FIGURE_USED_MIB] = "used_mib",
    [FIGURE_RESERVED_MIB] = "reserved_mib",
    [FIGURE_CAPABILITY] = "capability",
    [FIGURE_ARCHITECTURE] = "architecture",
    [FIGURE_DISPLAY] = "display",
    [FIGURE_PERSISTENCE] = "persistence",
    [FIGURE_UTILISATION] = "utilisation",
    [FIGURE_ENCODER] = "encoder",
    [FIGURE_DECODER] = "decoder",
    [FIGURE_TEMPERATURE] = "temperature",
    [FIGURE_POWER] = "power_mw",
    [FIGURE_POWER_LIMIT] = "power_limit_mw",
    [FIGURE_CLOCK] = "clock_mhz",
    [FIGURE_MAX_CLOCK] = "max_clock_mhz",
    [FIGURE_MEMORY_CLOCK] = "memory_clock_mhz",
    [FIGURE_MAX_MEMORY_CLOCK] = "max_memory_clock_mhz",
    [FIGURE_FAN] = "fan",
    [FIGURE_STATE] = "state",
    [FIGURE_PCIE_GEN] = "pcie_gen",
    [FIGURE_PCIE_WIDTH] = "pcie_width",
    [FIGURE_PCIE_MAX_GEN] = "pcie_max_gen",
    [FIGURE_PCIE_MAX_WIDTH] = "pcie_max_width",
    [FIGURE_THROTTLE] = "throttle",
    [FIGURE_MIG] = "mig_mode",
    [FIGURE_GI] = "gi",
    [FIGURE_CI] = "ci",
};

static void die(const char *what, const char *word)
{
    (void)fprintf(stderr, "NVML double: %s: '%s'\n", what, word);
    abort();
}

static uint64_t parse_number(const char *text)
{
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 0);

    if (end == text || *end)
        die("not a number", text);
    return value;
}

/* The format's fields are cut to what their buffers hold; no test writes longer ones. */
static void set_text(char *field, size_t size, const char *text)
{
    (void)snprintf(field, size, "%s", text);
}

static void set_figure(struct nvml_device *device, enum figure figure, uint64_t value)
{
    device->figures[figure] = value;
    device->has_figure[figure] = true;
}

/* "PID MIB" */
static void add_process(struct nvml_device *gpu, char *value, bool is_graphics)
{
    char *mib = strchr(value, ' ');
    struct process *process = &gpu->processes[gpu->n_processes];

    if (!mib || gpu->n_processes == PROCESSES_MAX)
        die("not a process", value);
    *mib++ = '\0';
    process->is_graphics = is_graphics;
    process->told.pid = (uint32_t)parse_number(value);
    process->told.memory_bytes = strcmp(mib, "-") == 0 ? UINT64_MAX : parse_number(mib) << 20;
    process->told.gi_id = UINT32_MAX;
    process->told.ci_id = UINT32_MAX;
    gpu->n_processes++;
}

static struct nvml_device *add_mig_place(struct nvml_device *gpu)
{
    if (!gpu->migs)
        gpu->migs = calloc(MIGS_MAX, sizeof(*gpu->migs));
    if (!gpu->migs || gpu->n_migs == MIGS_MAX)
        die("too many MIG devices below", gpu->address);
    set_figure(gpu, FIGURE_MIG, 1);
    gpu->migs[gpu->n_migs].parent = gpu;
    return &gpu->migs[gpu->n_migs++];
}

/* "GI CI PROFILE UUID MIB" */
static void add_mig(struct nvml_device *gpu, const char *value)
{
    struct nvml_device *mig = add_mig_place(gpu);
    unsigned gi = 0;
    unsigned ci = 0;
    unsigned mib = 0;

    if (sscanf(value, "%u %u %95s %95s %u", &gi, &ci, mig->name, mig->uuid, &mib) != 5)
        die("not a MIG device", value);
    set_figure(mig, FIGURE_GI, gi);
    set_figure(mig, FIGURE_CI, ci);
    set_figure(mig, FIGURE_MEMORY_MIB, mib);
}

static void read_gpu_line(struct nvml_device *gpu, const char *key, char *value)
{
    if (strcmp(key, "name") == 0) {
        set_text(gpu->name, sizeof(gpu->name), value);
    } else if (strcmp(key, "uuid") == 0) {
        set_text(gpu->uuid, sizeof(gpu->uuid), value);
    } else if (strcmp(key, "lost") == 0) {
        gpu->is_lost = true;
    } else if (strcmp(key, "gone") == 0) {
        gpu->has_no_handle = true;
    } else if (strcmp(key, "process") == 0) {
        add_process(gpu, value, false);
    } else if (strcmp(key, "draws") == 0) {
        add_process(gpu, value, true);
    } else if (strcmp(key, "mig") == 0) {
        add_mig(gpu, value);
    } else if (strcmp(key, "hole") == 0) {
        (void)add_mig_place(gpu);
    } else {
        size_t i = 0;

        while (i < N_FIGURES && strcmp(figure_names[i], key) != 0)
            i++;
        if (i == N_FIGURES)
            die("unknown word", key);
        set_figure(gpu, (enum figure)i, parse_number(value));
    }
}

static void read_line(struct machine *m, const char *key, char *value)
{
    if (strcmp(key, "gpu") == 0) {
        if (m->n_gpus == GPUS_MAX)
            die("too many GPUs", value);
        set_text(m->gpus[m->n_gpus].address, sizeof(m->gpus[0].address), value);
        m->n_gpus++;
    } else if (m->n_gpus > 0) {
        read_gpu_line(&m->gpus[m->n_gpus - 1], key, value);
    } else if (strcmp(key, "driver") == 0) {
        set_text(m->driver, sizeof(m->driver), value);
    } else if (strcmp(key, "cuda") == 0) {
        m->cuda = (int)parse_number(value);
    } else if (strcmp(key, "init") == 0) {
        m->init_code = (int)parse_number(value);
    } else {
        die("unknown word", key);
    }
}

static void read_file(FILE *file, struct machine *m)
{
    char line[512];

    while (fgets(line, sizeof(line), file)) {
        char *key = line + strspn(line, " ");
        char *value = NULL;

        line[strcspn(line, "\n")] = '\0';
        value = key + strcspn(key, " ");
        if (*value)
            *value++ = '\0';
        if (*key && *key != '#')
            read_line(m, key, value);
    }
}

void machine_read(const char *path, struct machine *out)
{
    FILE *file = path ? fopen(path, "re") : NULL;

    *out = (struct machine){ .driver = "550.163.01", .cuda = 12040 };
    if (path && !file)
        die("cannot be opened", path);
    if (!file)
        return;
    read_file(file, out);
    (void)fclose(file);
}

void machine_clear(struct machine *machine)
{
    for (unsigned i = 0; i < machine->n_gpus; i++)
        free(machine->gpus[i].migs);
    *machine = (struct machine){ 0 };
}
