/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "gpu_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "stats/gpu_live.h"

#define INDENT "          "

static double gib(uint64_t bytes)
{
    return (double)bytes / (1 << 30);
}

/* The parts in one line, or no line when there are none. */
static void print_parts(const char *before, const struct nvb_strv *parts)
{
    nvb_autofree char *text = nvb_strv_join(parts, ", ");

    if (parts->n > 0)
        printf(INDENT "%s%s\n", before, text);
}

static void print_nodes(const struct nvb_gpu *gpu)
{
    if (gpu->n_nodes == 0)
        printf(INDENT "no device nodes\n");
    for (size_t i = 0; i < gpu->n_nodes; i++)
        printf("%s%s%s", i == 0 ? INDENT : " ", gpu->nodes[i], i + 1 == gpu->n_nodes ? "\n" : "");
}

static void print_chip(const struct nvb_gpu *gpu)
{
    const char *kind = nvb_driver_kind_name(gpu->driver_kind);
    nvb_auto_strv parts = { 0 };

    if (gpu->pci_address)
        nvb_strv_addf(&parts, "PCI device %04x:%04x", gpu->pci_vendor_id, gpu->pci_device_id);
    if (gpu->has_minor)
        nvb_strv_addf(&parts, "minor %u", gpu->minor);
    if (gpu->numa_node >= 0)
        nvb_strv_addf(&parts, "NUMA node %d", gpu->numa_node);
    if (kind)
        nvb_strv_addf(&parts, "%s driver", kind);
    print_parts("", &parts);
    if (gpu->uuid)
        printf(INDENT "UUID %s\n", gpu->uuid);
}

static void print_nvml_facts(const struct nvb_gpu *gpu)
{
    nvb_auto_strv parts = { 0 };

    if (gpu->architecture)
        nvb_strv_add(&parts, gpu->architecture);
    if (gpu->compute_major)
        nvb_strv_addf(&parts, "compute capability %u.%u", gpu->compute_major, gpu->compute_minor);
    if (gpu->has_nvml && !gpu->is_lost) {
        nvb_strv_addf(&parts, "display %s", gpu->is_display_active ? "active" : "not active");
        nvb_strv_addf(&parts, "persistence mode %s", gpu->is_persistent ? "on" : "off");
    }
    print_parts("", &parts);
}

static void print_mig(const struct nvb_gpu *gpu, const struct nvb_mig *mig)
{
    printf(INDENT "MIG %u:%u  %s, GPU instance %u, compute instance %u", gpu->vendor_index,
           mig->index, mig->profile ? mig->profile : "profile unknown", mig->gi_id, mig->ci_id);
    if (mig->memory_bytes)
        printf(", memory %.1f GiB", gib(mig->memory_bytes));
    (void)putchar('\n');
    if (mig->uuid)
        printf(INDENT "         UUID %s\n", mig->uuid);
    if (mig->gi_node && mig->ci_node)
        printf(INDENT "         %s %s\n", mig->gi_node, mig->ci_node);
}

static void print_migs(const struct nvb_gpu *gpu)
{
    if (gpu->is_mig_enabled && gpu->n_migs == 0)
        printf(INDENT "MIG is on, but there is no MIG device\n");
    for (size_t i = 0; i < gpu->n_migs; i++)
        print_mig(gpu, &gpu->migs[i]);
}

/* "LABEL 5 of 10 UNIT", "LABEL 5 UNIT", or nothing. */
static void add_pair(struct nvb_strv *parts,
                     const struct nvb_gpu_live *live,
                     const char *label,
                     enum nvb_figure now,
                     enum nvb_figure max,
                     const char *unit)
{
    if (live->has[now] && live->has[max]) {
        nvb_strv_addf(parts, "%s %" PRIu64 " of %" PRIu64 "%s", label, live->values[now],
                      live->values[max], unit);
    } else if (live->has[now]) {
        nvb_strv_addf(parts, "%s %" PRIu64 "%s", label, live->values[now], unit);
    }
}

static void add_one(struct nvb_strv *parts,
                    const struct nvb_gpu_live *live,
                    const char *label,
                    enum nvb_figure now,
                    const char *unit)
{
    if (live->has[now])
        nvb_strv_addf(parts, "%s %" PRIu64 "%s", label, live->values[now], unit);
}

static void add_watts(struct nvb_strv *parts, const struct nvb_gpu_live *live)
{
    double now = (double)live->values[NVB_FIGURE_POWER] / 1000;
    double limit = (double)live->values[NVB_FIGURE_POWER_LIMIT] / 1000;

    if (live->has[NVB_FIGURE_POWER] && live->has[NVB_FIGURE_POWER_LIMIT]) {
        nvb_strv_addf(parts, "power %.1f of %.1f W", now, limit);
    } else if (live->has[NVB_FIGURE_POWER]) {
        nvb_strv_addf(parts, "power %.1f W", now);
    } else if (live->has[NVB_FIGURE_POWER_LIMIT]) {
        nvb_strv_addf(parts, "power limit %.1f W", limit);
    }
}

static void add_memory(struct nvb_strv *parts, const struct nvb_gpu_live *live)
{
    if (live->has[NVB_FIGURE_MEMORY_USED] && live->has[NVB_FIGURE_MEMORY_TOTAL]) {
        nvb_strv_addf(parts, "memory %.1f of %.1f GiB", gib(live->values[NVB_FIGURE_MEMORY_USED]),
                      gib(live->values[NVB_FIGURE_MEMORY_TOTAL]));
    }
    if (live->has_hidden_memory)
        nvb_strv_add(parts, "memory of unknown size: its driver tells root alone");
}

static void print_figures(const struct nvb_gpu_live *live)
{
    nvb_auto_strv use = { 0 };
    nvb_auto_strv heat = { 0 };
    nvb_auto_strv clocks = { 0 };
    nvb_auto_strv link = { 0 };

    add_one(&use, live, "busy", NVB_FIGURE_UTILISATION, " %");
    add_one(&use, live, "memory busy", NVB_FIGURE_MEMORY_BUSY, " %");
    add_one(&use, live, "encoder", NVB_FIGURE_ENCODER, " %");
    add_one(&use, live, "decoder", NVB_FIGURE_DECODER, " %");
    add_memory(&use, live);
    add_one(&heat, live, "temperature", NVB_FIGURE_TEMPERATURE, " C");
    add_one(&heat, live, "hotspot", NVB_FIGURE_HOTSPOT, " C");
    add_one(&heat, live, "memory", NVB_FIGURE_MEMORY_TEMPERATURE, " C");
    add_watts(&heat, live);
    add_one(&heat, live, "fan", NVB_FIGURE_FAN, " %");
    add_one(&heat, live, "fan", NVB_FIGURE_FAN_RPM, " rpm");
    add_pair(&clocks, live, "clock", NVB_FIGURE_CLOCK, NVB_FIGURE_CLOCK_MAX, " MHz");
    add_pair(&clocks, live, "memory clock", NVB_FIGURE_MEMORY_CLOCK, NVB_FIGURE_MEMORY_CLOCK_MAX,
             " MHz");
    if (live->has[NVB_FIGURE_STATE])
        nvb_strv_addf(&clocks, "state P%" PRIu64, live->values[NVB_FIGURE_STATE]);
    add_pair(&link, live, "PCIe generation", NVB_FIGURE_PCIE_GENERATION,
             NVB_FIGURE_PCIE_GENERATION_MAX, "");
    add_pair(&link, live, "lanes", NVB_FIGURE_PCIE_WIDTH, NVB_FIGURE_PCIE_WIDTH_MAX, "");
    print_parts("", &use);
    print_parts("", &heat);
    print_parts("", &clocks);
    print_parts("", &link);
}

static char *dup_activity(const struct nvb_gpu_process *process)
{
    nvb_auto_strv parts = { 0 };

    if (process->is_drawing)
        nvb_strv_add(&parts, "draws");
    if (process->is_computing)
        nvb_strv_add(&parts, "computes");
    if (process->is_coding)
        nvb_strv_add(&parts, "codes video");
    return parts.n ? nvb_strv_join(&parts, " and ") : nvb_xstrdup("has it open");
}

static void print_processes(const struct nvb_gpu_live *live)
{
    for (size_t i = 0; i < live->n_processes; i++) {
        const struct nvb_gpu_process *process = &live->processes[i];
        nvb_autofree char *activity = dup_activity(process);

        printf(INDENT "process %u (%s) %s", process->pid, process->name ? process->name : "unknown",
               activity);
        if (process->has_memory)
            printf(", %" PRIu64 " MiB", process->memory_bytes >> 20);
        if (process->system_memory_bytes >> 20)
            printf(", %" PRIu64 " MiB of system memory", process->system_memory_bytes >> 20);
        (void)putchar('\n');
    }
    if (live->has_processes && live->n_processes == 0)
        printf(INDENT "no %sprocess uses it\n", live->has_all_processes ? "" : "visible ");
}

static void print_live(const struct nvb_gpu_live *live)
{
    if (live->is_asleep)
        printf(INDENT "asleep: it was not woken for its figures\n");
    print_figures(live);
    print_parts("slowed down by ", &live->slowdowns);
    if (live->has_slowdowns && live->slowdowns.n == 0)
        printf(INDENT "not slowed down\n");
    print_processes(live);
}

static void print_details(const struct machine *machine, const struct nvb_gpu *gpu)
{
    print_chip(gpu);
    print_nvml_facts(gpu);
    print_migs(gpu);
    printf(INDENT "Vulkan %s\n", gpu->vulkan_icd ? gpu->vulkan_icd : "driver not found");
    print_live(&machine->lives[gpu->index]);
}

void gpu_report_print(const struct machine *machine, const struct nvb_gpu *gpu, bool is_detailed)
{
    printf("GPU %-5u %s%s\n" INDENT "driver %s", gpu->index, gpu->name,
           gpu->is_lost ? " (lost: it fell off the bus)" : "", *gpu->driver ? gpu->driver : "none");
    if (gpu->driver_version)
        printf(" %s", gpu->driver_version);
    if (gpu->memory_bytes)
        printf(", memory %.1f GiB", gib(gpu->memory_bytes));
    if (gpu->pci_address)
        printf(", PCI %s", gpu->pci_address);
    if (gpu->n_migs > 0 && !is_detailed)
        printf(", %zu MIG devices", gpu->n_migs);
    (void)putchar('\n');
    print_nodes(gpu);
    if (is_detailed)
        print_details(machine, gpu);
}

static void set_unless_zero(struct nvb_json *json, const char *key, uint64_t value)
{
    nvb_json_set(json, key, value ? nvb_json_new_u64(value) : NULL);
}

static void set_told(struct nvb_json *json, const char *key, bool is_told, bool value)
{
    nvb_json_set(json, key, is_told ? nvb_json_new_bool(value) : NULL);
}

static struct nvb_json *migs_to_json(const struct nvb_gpu *gpu)
{
    struct nvb_json *list = nvb_json_new_array();

    for (size_t i = 0; i < gpu->n_migs; i++) {
        const struct nvb_mig *mig = &gpu->migs[i];
        struct nvb_json *json = nvb_json_new_object();

        nvb_json_set_u64(json, "index", mig->index);
        nvb_json_set_str(json, "uuid", mig->uuid);
        nvb_json_set_str(json, "profile", mig->profile);
        nvb_json_set_u64(json, "gpu_instance", mig->gi_id);
        nvb_json_set_u64(json, "compute_instance", mig->ci_id);
        set_unless_zero(json, "memory_bytes", mig->memory_bytes);
        nvb_json_set_bool(json, "graphics", mig->has_graphics);
        nvb_json_set_str(json, "gpu_instance_node", mig->gi_node);
        nvb_json_set_str(json, "compute_instance_node", mig->ci_node);
        nvb_json_append(list, json);
    }
    return list;
}

static struct nvb_json *process_to_json(const struct nvb_gpu_process *process)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_u64(json, "pid", process->pid);
    nvb_json_set_str(json, "name", process->name);
    nvb_json_set(json, "memory_bytes",
                 process->has_memory ? nvb_json_new_u64(process->memory_bytes) : NULL);
    nvb_json_set(json, "system_memory_bytes",
                 process->has_system_memory ? nvb_json_new_u64(process->system_memory_bytes)
                                            : NULL);
    nvb_json_set_bool(json, "computes", process->is_computing);
    nvb_json_set_bool(json, "draws", process->is_drawing);
    nvb_json_set_bool(json, "codes_video", process->is_coding);
    return json;
}

static struct nvb_json *live_to_json(const struct nvb_gpu_live *live)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *processes = NULL;

    nvb_json_set_bool(json, "asleep", live->is_asleep);
    for (unsigned i = 0; i < NVB_N_FIGURES; i++) {
        nvb_json_set(json, nvb_figure_name((enum nvb_figure)i),
                     live->has[i] ? nvb_json_new_u64(live->values[i]) : NULL);
    }
    nvb_json_set(json, "slowdowns",
                 live->has_slowdowns ? nvb_json_new_strv(&live->slowdowns) : NULL);
    if (live->has_processes)
        processes = nvb_json_new_array();
    for (size_t i = 0; i < live->n_processes; i++)
        nvb_json_append(processes, process_to_json(&live->processes[i]));
    nvb_json_set(json, "processes", processes);
    set_told(json, "processes_complete", live->has_processes, live->has_all_processes);
    nvb_json_set(json, "processes_unseen",
                 live->has_processes ? nvb_json_new_u64(live->n_unseen_processes) : NULL);
    return json;
}

static void set_names(struct nvb_json *json, const struct nvb_gpu *gpu)
{
    nvb_autofree char *ids = nvb_xasprintf("%04x:%04x", gpu->pci_vendor_id, gpu->pci_device_id);
    struct nvb_json *nodes = nvb_json_new_array();

    for (size_t i = 0; i < gpu->n_nodes; i++)
        nvb_json_append(nodes, nvb_json_new_str(gpu->nodes[i]));
    nvb_json_set_u64(json, "index", gpu->index);
    nvb_json_set_str(json, "vendor", nvb_gpu_vendor_name(gpu->vendor));
    nvb_json_set_u64(json, "vendor_index", gpu->vendor_index);
    nvb_json_set_str(json, "name", gpu->name);
    nvb_json_set_str(json, "uuid", gpu->uuid);
    nvb_json_set_str(json, "pci_address", gpu->pci_address);
    nvb_json_set_str(json, "pci_id", gpu->pci_address ? ids : NULL);
    nvb_json_set(json, "minor", gpu->has_minor ? nvb_json_new_u64(gpu->minor) : NULL);
    nvb_json_set(json, "numa_node",
                 gpu->numa_node >= 0 ? nvb_json_new_u64((uint64_t)gpu->numa_node) : NULL);
    nvb_json_set_str(json, "driver", *gpu->driver ? gpu->driver : NULL);
    nvb_json_set_str(json, "driver_version", gpu->driver_version);
    nvb_json_set_str(json, "driver_kind", nvb_driver_kind_name(gpu->driver_kind));
    nvb_json_set_u64(json, "memory_bytes", gpu->memory_bytes);
    nvb_json_set(json, "nodes", nodes);
    nvb_json_set_str(json, "vulkan_icd", gpu->vulkan_icd);
}

struct nvb_json *gpu_report_to_json(const struct machine *machine, const struct nvb_gpu *gpu)
{
    struct nvb_json *json = nvb_json_new_object();
    nvb_autofree char *capability = nvb_xasprintf("%u.%u", gpu->compute_major, gpu->compute_minor);
    bool is_told = gpu->has_nvml && !gpu->is_lost;

    set_names(json, gpu);
    nvb_json_set_str(json, "architecture", gpu->architecture);
    nvb_json_set_str(json, "compute_capability", gpu->compute_major ? capability : NULL);
    set_told(json, "display_active", is_told, gpu->is_display_active);
    set_told(json, "persistence_mode", is_told, gpu->is_persistent);
    set_told(json, "lost", gpu->has_nvml, gpu->is_lost);
    nvb_json_set_bool(json, "mig_enabled", gpu->is_mig_enabled);
    nvb_json_set(json, "mig_devices", migs_to_json(gpu));
    if (gpu->vendor != NVB_GPU_SOFTWARE)
        nvb_json_set(json, "live", live_to_json(&machine->lives[gpu->index]));
    return json;
}
