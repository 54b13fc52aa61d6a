/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvml_facts.c - what NVML tells of the GPUs that does not change from one second to the next. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "host/nvml.h"
#include "host/nvml_abi.h"
#include "host/pci.h"

enum {
    GPUS_MAX = 64,
    MIGS_MAX = 64,
};

/* By nvmlDeviceArchitecture_t. */
static const char *const architectures[] = {
    [2] = "Kepler", [3] = "Maxwell",      [4] = "Pascal", [5] = "Volta",      [6] = "Turing",
    [7] = "Ampere", [8] = "Ada Lovelace", [9] = "Hopper", [10] = "Blackwell",
};

typedef int (*text_fn)(struct nvml_device *, char *, unsigned);
typedef int (*flag_fn)(struct nvml_device *, unsigned *);

/* Printable, since it may go to a terminal; NULL when it is not told. */
static char *dup_text(text_fn get, struct nvml_device *device)
{
    char text[NVML_UUID_SIZE + 1] = "";

    if (!get || get(device, text, NVML_UUID_SIZE) != NVML_OK || !*text)
        return NULL;
    for (char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    return nvb_xstrdup(text);
}

static bool ask_flag(flag_fn get, struct nvml_device *device)
{
    unsigned value = 0;

    return get && get(device, &value) == NVML_OK && value == 1;
}

/* sysfs writes lower case and four digits of domain, more only where there are more. */
static char *dup_pci_address(const struct nvml_api *api, struct nvml_device *device)
{
    struct nvml_pci pci = { 0 };
    nvb_autofree char *address = NULL;
    const char *start = NULL;

    if (!api->pci || api->pci(device, &pci) != NVML_OK)
        return NULL;
    address = nvb_xstrndup(pci.bus_id, strnlen(pci.bus_id, sizeof(pci.bus_id)));
    for (char *p = address; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    start = address;
    while (*start == '0' && strcspn(start, ":") > 4)
        start++;
    return nvb_pci_is_address(start) ? nvb_xstrdup(start) : NULL;
}

static uint64_t ask_memory(const struct nvml_api *api, struct nvml_device *device)
{
    struct nvml_memory memory = { 0 };

    return api->memory && api->memory(device, &memory) == NVML_OK ? memory.total : 0;
}

/* The name of a MIG device ends in its profile: "NVIDIA A100-SXM4-40GB MIG 1g.5gb". */
static char *dup_profile(const struct nvml_api *api, struct nvml_device *device)
{
    nvb_autofree char *name = dup_text(api->name, device);
    const char *found = name ? strstr(name, " MIG ") : NULL;

    return found && found[5] ? nvb_xstrdup(found + 5) : NULL;
}

static bool read_mig(const struct nvml_api *api,
                     struct nvml_device *gpu,
                     unsigned index,
                     struct nvb_nvml_mig *out)
{
    struct nvml_device *device = NULL;
    struct nvml_attributes attributes = { 0 };
    struct nvb_nvml_mig mig = { .index = index };

    /* The range has holes: "not found" and "invalid argument" both mean one. */
    if (api->mig_by_index(gpu, index, &device) != NVML_OK)
        return false;
    if (api->gi_id(device, &mig.gi_id) != NVML_OK || api->ci_id(device, &mig.ci_id) != NVML_OK)
        return false;
    mig.uuid = dup_text(api->uuid, device);
    mig.profile = dup_profile(api, device);
    mig.has_graphics = mig.profile && strstr(mig.profile, "+gfx");
    mig.memory_bytes = ask_memory(api, device);
    if (mig.memory_bytes == 0 && api->attributes &&
        api->attributes(device, &attributes) == NVML_OK && attributes.memory_mib < UINT32_MAX)
        mig.memory_bytes = attributes.memory_mib << 20;
    *out = mig;
    return true;
}

/* Code 3 is what GPUs without MIG answer: off. */
static void
read_migs(const struct nvml_api *api, struct nvml_device *device, struct nvb_nvml_gpu *gpu)
{
    unsigned current = 0;
    unsigned pending = 0;
    unsigned max = 0;

    if (!api->mig_mode || api->mig_mode(device, &current, &pending) != NVML_OK || current != 1)
        return;
    gpu->is_mig_enabled = true;
    if (!api->mig_max || !api->mig_by_index || !api->gi_id || !api->ci_id ||
        api->mig_max(device, &max) != NVML_OK)
        return;
    for (unsigned i = 0; i < max && i < MIGS_MAX; i++) {
        struct nvb_nvml_mig mig = { 0 };

        if (!read_mig(api, device, i, &mig))
            continue;
        gpu->migs = nvb_xrealloc(gpu->migs, gpu->n_migs + 1, sizeof(*gpu->migs));
        gpu->migs[gpu->n_migs++] = mig;
    }
}

static void
read_chip(const struct nvml_api *api, struct nvml_device *device, struct nvb_nvml_gpu *gpu)
{
    unsigned architecture = 0;
    int major = 0;
    int minor = 0;

    if (api->capability && api->capability(device, &major, &minor) == NVML_OK && major > 0 &&
        minor >= 0) {
        gpu->compute_major = (unsigned)major;
        gpu->compute_minor = (unsigned)minor;
    }
    if (api->architecture && api->architecture(device, &architecture) == NVML_OK &&
        architecture < sizeof(architectures) / sizeof(architectures[0]) &&
        architectures[architecture])
        gpu->architecture = nvb_xstrdup(architectures[architecture]);
}

static void read_gpu(const struct nvml_api *api, unsigned index, struct nvb_nvml_gpu *gpu)
{
    char probe[NVML_UUID_SIZE] = "";
    struct nvml_device *device = NULL;
    int code = api->by_index(index, &device);

    *gpu = (struct nvb_nvml_gpu){ .index = index, .is_lost = code != NVML_OK };
    if (code != NVML_OK)
        return;
    gpu->pci_address = dup_pci_address(api, device);
    if (api->uuid)
        code = api->uuid(device, probe, sizeof(probe));
    gpu->is_lost = code == NVML_GPU_LOST || code == NVML_RESET_REQUIRED;
    if (gpu->is_lost)
        return;
    gpu->uuid = dup_text(api->uuid, device);
    gpu->name = dup_text(api->name, device);
    gpu->has_minor = api->minor && api->minor(device, &gpu->minor) == NVML_OK;
    gpu->memory_bytes = ask_memory(api, device);
    gpu->is_display_active = ask_flag(api->display_active, device);
    gpu->is_persistent = ask_flag(api->persistence, device);
    read_chip(api, device, gpu);
    read_migs(api, device, gpu);
}

bool nvb_nvml_read(struct nvb_nvml *nvml, struct nvb_nvml_facts *out, struct nvb_err *err)
{
    const struct nvml_api *api = nvb_nvml_get_api(nvml);
    struct nvb_nvml_facts facts = { 0 };
    char version[NVML_VERSION_SIZE + 1] = "";
    unsigned n = 0;
    int cuda = 0;
    int code = api->count(&n);

    if (code != NVML_OK)
        return nvb_fail(err, NVB_D_HOST, NVB_E_IO, "NVML cannot count the GPUs (code %d)", code);
    if (n > GPUS_MAX) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                        "NVML tells of %u GPUs, more than the %d that can be told apart", n,
                        GPUS_MAX);
    }
    if (api->driver_version && api->driver_version(version, NVML_VERSION_SIZE) == NVML_OK)
        facts.driver_version = nvb_xstrdup(version);
    if (api->cuda_version && api->cuda_version(&cuda) == NVML_OK && cuda > 0)
        facts.cuda_version = (unsigned)cuda;
    facts.gpus = nvb_xcalloc(n + 1, sizeof(*facts.gpus));
    for (; facts.n_gpus < n; facts.n_gpus++)
        read_gpu(api, (unsigned)facts.n_gpus, &facts.gpus[facts.n_gpus]);
    *out = facts;
    return true;
}

static void clear_gpu(struct nvb_nvml_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_migs; i++) {
        free(gpu->migs[i].uuid);
        free(gpu->migs[i].profile);
    }
    free(gpu->migs);
    free(gpu->uuid);
    free(gpu->name);
    free(gpu->pci_address);
    free(gpu->architecture);
}

void nvb_nvml_facts_clear(struct nvb_nvml_facts *facts)
{
    for (size_t i = 0; i < facts->n_gpus; i++)
        clear_gpu(&facts->gpus[i]);
    free(facts->gpus);
    free(facts->driver_version);
    *facts = (struct nvb_nvml_facts){ 0 };
}
