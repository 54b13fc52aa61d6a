/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvml_merge.c - what NVML told, put into the GPUs that /proc and sysfs told of.
 *
 * The PCI address is the one name that both sides share; a UUID is unknown to /proc while the
 * GPU sleeps. What the kernel told stays where NVML is silent. */
#include <string.h>

#include "host/nvml.h"

static bool is_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool is_official(const struct nvb_gpu *gpu)
{
    return gpu->vendor == NVB_GPU_NVIDIA && strcmp(gpu->driver, "nvidia") == 0;
}

static struct nvb_gpu *find(struct nvb_gpus *gpus, const struct nvb_nvml_gpu *told)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (is_same(gpus->items[i].pci_address, told->pci_address))
            return &gpus->items[i];
    }
    for (size_t i = 0; i < gpus->n; i++) {
        if (is_same(gpus->items[i].uuid, told->uuid))
            return &gpus->items[i];
    }
    return NULL;
}

static void set_text(char **field, const char *text)
{
    if (!text)
        return;
    free(*field);
    *field = nvb_xstrdup(text);
}

/* The kernel's entry of the same instance, whose capability nodes are taken over. */
static struct nvb_mig *find_mig(struct nvb_gpu *gpu, const struct nvb_nvml_mig *told)
{
    for (size_t i = 0; i < gpu->n_migs; i++) {
        if (gpu->migs[i].gi_id == told->gi_id && gpu->migs[i].ci_id == told->ci_id)
            return &gpu->migs[i];
    }
    return NULL;
}

/* NVML's list replaces the guessed one: it has the index by which users name a MIG device. */
static void add_migs(struct nvb_gpu *gpu, const struct nvb_nvml_gpu *told)
{
    struct nvb_mig *migs = nvb_xcalloc(told->n_migs + 1, sizeof(*migs));

    for (size_t i = 0; i < told->n_migs; i++) {
        const struct nvb_nvml_mig *from = &told->migs[i];
        struct nvb_mig *known = find_mig(gpu, from);

        migs[i] = (struct nvb_mig){
            .index = from->index,
            .gi_id = from->gi_id,
            .ci_id = from->ci_id,
            .memory_bytes = from->memory_bytes,
            .has_graphics = from->has_graphics,
        };
        set_text(&migs[i].uuid, from->uuid);
        set_text(&migs[i].profile, from->profile);
        if (known) {
            migs[i].gi_node = nvb_steal(&known->gi_node);
            migs[i].ci_node = nvb_steal(&known->ci_node);
        }
    }
    for (size_t i = 0; i < gpu->n_migs; i++) {
        free(gpu->migs[i].gi_node);
        free(gpu->migs[i].ci_node);
        free(gpu->migs[i].uuid);
        free(gpu->migs[i].profile);
    }
    free(gpu->migs);
    gpu->migs = migs;
    gpu->n_migs = told->n_migs;
}

static void add_gpu(struct nvb_gpu *gpu, const struct nvb_nvml_gpu *told)
{
    gpu->has_nvml = true;
    gpu->vendor_index = told->index;
    gpu->is_lost = told->is_lost;
    if (told->is_lost) /* the rest would be zeroes; what /proc remembers is better */
        return;
    set_text(&gpu->name, told->name);
    set_text(&gpu->uuid, told->uuid);
    set_text(&gpu->architecture, told->architecture);
    if (told->has_minor) {
        gpu->minor = told->minor;
        gpu->has_minor = true;
    }
    if (told->memory_bytes)
        gpu->memory_bytes = told->memory_bytes;
    gpu->compute_major = told->compute_major;
    gpu->compute_minor = told->compute_minor;
    gpu->is_display_active = told->is_display_active;
    gpu->is_persistent = told->is_persistent;
    gpu->is_mig_enabled = told->is_mig_enabled;
    add_migs(gpu, told);
}

static bool is_unplaced(const struct nvb_nvml_gpu *told)
{
    return told->is_lost && !told->pci_address;
}

static bool is_untold(const struct nvb_gpu *gpu)
{
    return is_official(gpu) && !gpu->has_nvml;
}

/* A lost GPU may have an index only. When as many GPUs are left over on either side, they are the
 * same ones, and both sides count in PCI order; else nothing is claimed of any. */
static void add_unplaced(struct nvb_gpus *gpus, const struct nvb_nvml_facts *facts)
{
    size_t n_unplaced = 0;
    size_t n_untold = 0;
    size_t next = 0;

    for (size_t i = 0; i < facts->n_gpus; i++)
        n_unplaced += is_unplaced(&facts->gpus[i]);
    for (size_t i = 0; i < gpus->n; i++)
        n_untold += is_untold(&gpus->items[i]);
    if (n_unplaced == 0 || n_unplaced != n_untold)
        return;
    for (size_t i = 0; i < facts->n_gpus; i++) {
        if (!is_unplaced(&facts->gpus[i]))
            continue;
        while (!is_untold(&gpus->items[next]))
            next++;
        add_gpu(&gpus->items[next], &facts->gpus[i]);
    }
}

/* Under WSL2 NVML tells the address that Windows knows; the one paravirtual GPU stands for it.
 * With several GPUs behind it there is no telling them apart, so it keeps its own name. */
static void add_wsl(struct nvb_gpus *gpus, const struct nvb_nvml_facts *facts)
{
    for (size_t i = 0; i < gpus->n && facts->n_gpus == 1; i++) {
        if (strcmp(gpus->items[i].driver, "dxgkrnl") == 0 && !gpus->items[i].has_nvml)
            add_gpu(&gpus->items[i], &facts->gpus[0]);
    }
}

void nvb_gpus_add_nvml(struct nvb_gpus *gpus, const struct nvb_nvml_facts *facts)
{
    for (size_t i = 0; i < facts->n_gpus; i++) {
        struct nvb_gpu *gpu = find(gpus, &facts->gpus[i]);

        if (gpu)
            add_gpu(gpu, &facts->gpus[i]);
    }
    add_unplaced(gpus, facts);
    add_wsl(gpus, facts);
}
