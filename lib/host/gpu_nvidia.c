/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "host/gpu.h"
#include "host/nvidia.h"
#include "host/nvidia_proc.h"

enum {
    VENDOR_NVIDIA = 0x10de,
    MIGS_MAX = 64, /* a GPU has up to 7 slices; a made-up tree may list any number */
};

static bool claims(const struct nvb_pci_gpu *pci)
{
    return pci->vendor_id == VENDOR_NVIDIA;
}

static void add_control_nodes(const struct nvb_host *host, struct nvb_gpu *gpu)
{
    static const char *const nodes[] = {
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
        "/dev/nvidia-modeset",
    };

    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        nvb_gpu_add_node_if_there(host, gpu, nodes[i]);
}

/* The N of "gi12" or "ci0". */
static bool parse_id(const char *name, const char *kind, unsigned *out)
{
    uint64_t n = 0;

    if (!nvb_has_prefix(name, kind) || !nvb_parse_u64(name + strlen(kind), UINT16_MAX, &n))
        return false;
    *out = (unsigned)n;
    return true;
}

static void
add_mig(struct nvb_gpu *gpu, const struct nvb_mig_caps *caps, unsigned gi_id, unsigned ci_id)
{
    struct nvb_mig *mig = NULL;

    gpu->migs = nvb_xrealloc(gpu->migs, gpu->n_migs + 1, sizeof(*gpu->migs));
    mig = &gpu->migs[gpu->n_migs];
    *mig = (struct nvb_mig){ .index = (unsigned)gpu->n_migs, .gi_id = gi_id, .ci_id = ci_id };
    mig->gi_node = nvb_mig_caps_dup_node(caps, gpu->minor, gi_id, UINT_MAX);
    mig->ci_node = nvb_mig_caps_dup_node(caps, gpu->minor, gi_id, ci_id);
    gpu->n_migs++;
}

static void add_migs_of(const struct nvb_host *host,
                        const char *mig_dir,
                        const char *gi_name,
                        const struct nvb_mig_caps *caps,
                        struct nvb_gpu *gpu)
{
    nvb_autofree char *dir = nvb_xasprintf("%s/%s", mig_dir, gi_name);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    unsigned gi_id = 0;
    unsigned ci_id = 0;

    if (!parse_id(gi_name, "gi", &gi_id))
        return;
    (void)nvb_list_in_root(host->root_fd, dir, &names, &ignored);
    for (size_t i = 0; i < names.n && gpu->n_migs < MIGS_MAX; i++) {
        if (parse_id(names.items[i], "ci", &ci_id))
            add_mig(gpu, caps, gi_id, ci_id);
    }
}

static int by_ids(const void *a, const void *b)
{
    const struct nvb_mig *x = a;
    const struct nvb_mig *y = b;

    if (x->gi_id != y->gi_id)
        return x->gi_id < y->gi_id ? -1 : 1;
    return x->ci_id < y->ci_id ? -1 : x->ci_id > y->ci_id;
}

/* The module lists the instances that exist below the GPU's minor. Their names and the order in
 * which NVML counts them are known to NVML alone; the order of the ids is the best guess. */
static void add_migs(const struct nvb_host *host, struct nvb_gpu *gpu)
{
    nvb_autofree char *dir =
        nvb_xasprintf("/proc/driver/nvidia/capabilities/gpu%u/mig", gpu->minor);
    nvb_autofree char *minors = NULL;
    nvb_auto_mig_caps caps = { 0 };
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(host->root_fd, dir, &names, &ignored);
    if (names.n == 0)
        return;
    minors = nvb_host_dup_text(host, "/proc/driver/nvidia-caps/mig-minors", NVB_HOST_FILE_MAX);
    if (minors)
        nvb_mig_caps_parse(minors, &caps);
    for (size_t i = 0; i < names.n; i++)
        add_migs_of(host, dir, names.items[i], &caps, gpu);
    if (gpu->n_migs > 1)
        qsort(gpu->migs, gpu->n_migs, sizeof(*gpu->migs), by_ids);
    for (size_t i = 0; i < gpu->n_migs; i++)
        gpu->migs[i].index = (unsigned)i;
    gpu->is_mig_enabled = gpu->n_migs > 0;
}

/* The minor is not the index: it follows the order in which the driver found the devices. */
static void add_own_facts(const struct nvb_host *host, const char *text, struct nvb_gpu *gpu)
{
    nvb_auto_nvidia_information information = { 0 };
    nvb_autofree char *node = NULL;

    nvb_nvidia_information_parse(text, &information);
    gpu->name = nvb_steal(&information.model);
    gpu->uuid = nvb_steal(&information.uuid);
    gpu->has_minor = information.has_minor;
    gpu->minor = information.minor;
    if (!information.has_minor || information.is_excluded)
        return;
    node = nvb_xasprintf("/dev/nvidia%u", information.minor);
    nvb_gpu_add_node_if_there(host, gpu, node);
    add_migs(host, gpu);
}

static void
add_driver_facts(const struct nvb_host *host, const struct nvb_gpu *sibling, struct nvb_gpu *gpu)
{
    nvb_autofree char *text = NULL;

    if (sibling) {
        gpu->driver_version = sibling->driver_version ? nvb_xstrdup(sibling->driver_version) : NULL;
        gpu->driver_kind = sibling->driver_kind;
        return;
    }
    text = nvb_host_dup_text(host, "/proc/driver/nvidia/version", NVB_HOST_FILE_MAX);
    if (text)
        gpu->driver_version = nvb_nvidia_version_parse(text, &gpu->driver_kind);
    if (!gpu->driver_version)
        gpu->driver_version = nvb_nvidia_dup_kernel_version(host);
}

static void
describe_official(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    nvb_autofree char *path =
        nvb_xasprintf("/proc/driver/nvidia/gpus/%s/information", pci->address);
    nvb_autofree char *information = nvb_host_dup_text(host, path, NVB_HOST_FILE_MAX);

    add_driver_facts(host, pci->sibling, gpu);
    if (information)
        add_own_facts(host, information, gpu);
    add_control_nodes(host, gpu);
}

static void
describe(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    if (strcmp(pci->driver, "nvidia") == 0) {
        describe_official(host, pci, gpu);
    } else if (strcmp(pci->driver, "nouveau") == 0) {
        gpu->driver_kind = NVB_DRIVER_NOUVEAU;
    }
    if (!gpu->name)
        gpu->name = nvb_xasprintf("NVIDIA %04x:%04x", pci->vendor_id, pci->device_id);
}

const struct nvb_gpu_ops nvb_gpu_ops_nvidia = {
    .vendor = NVB_GPU_NVIDIA,
    .name = "nvidia",
    .claims = claims,
    .describe = describe,
};
