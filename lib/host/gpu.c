/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/gpu.h"

#include <ctype.h>
#include <string.h>

#include "host/pci.h"

enum {
    GPUS_MAX = 64, /* more than any machine has; a made-up tree may hold any number */
};

static const struct nvb_gpu_ops *const vendors[] = {
    &nvb_gpu_ops_nvidia, &nvb_gpu_ops_amd, &nvb_gpu_ops_intel,
    &nvb_gpu_ops_other, /* claims everything */
};

void nvb_gpu_add_node(struct nvb_gpu *gpu, const char *path)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (strcmp(gpu->nodes[i], path) == 0)
            return;
    }
    gpu->nodes = nvb_xrealloc(gpu->nodes, gpu->n_nodes + 2, sizeof(*gpu->nodes));
    gpu->nodes[gpu->n_nodes++] = nvb_xstrdup(path);
    gpu->nodes[gpu->n_nodes] = NULL;
}

void nvb_gpu_add_node_if_there(const struct nvb_host *host, struct nvb_gpu *gpu, const char *path)
{
    if (nvb_host_is_node(host, path))
        nvb_gpu_add_node(gpu, path);
}

char *nvb_module_dup_version(const struct nvb_host *host, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("/sys/module/%s/version", name);

    return nvb_host_dup_line(host, path);
}

/* "renderD128" of "renderD" and "card1" of "card", but not the connector "card1-HDMI-A-1". */
static bool is_drm_name(const char *name, const char *kind)
{
    size_t len = strlen(kind);
    size_t digits = 0;

    if (!nvb_has_prefix(name, kind))
        return false;
    while (isdigit((unsigned char)name[len + digits]))
        digits++;
    return digits > 0 && digits <= 6 && name[len + digits] == '\0';
}

static void add_drm_nodes_of_kind(const struct nvb_host *host,
                                  const struct nvb_strv *names,
                                  const char *kind,
                                  struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < names->n; i++) {
        nvb_autofree char *path = nvb_xasprintf("/dev/dri/%s", names->items[i]);

        if (is_drm_name(names->items[i], kind))
            nvb_gpu_add_node_if_there(host, gpu, path);
    }
}

/* Render nodes first: they are what a program needs; a card node is for whoever drives a display. */
static void add_drm_nodes(const struct nvb_host *host, const char *dir, struct nvb_gpu *gpu)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(host->root_fd, dir, &names, &ignored);
    add_drm_nodes_of_kind(host, &names, "renderD", gpu);
    add_drm_nodes_of_kind(host, &names, "card", gpu);
}

struct nvb_gpu *nvb_gpus_add(struct nvb_gpus *gpus)
{
    struct nvb_gpu *gpu = NULL;

    gpus->items = nvb_xrealloc(gpus->items, gpus->n + 1, sizeof(*gpus->items));
    gpu = &gpus->items[gpus->n];
    *gpu = (struct nvb_gpu){ .index = (unsigned)gpus->n, .numa_node = -1 };
    gpus->n++;
    return gpu;
}

static void
describe(const struct nvb_host *host, const struct nvb_pci_gpu *pci, struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
        if (!vendors[i]->claims(pci))
            continue;
        gpu->vendor = vendors[i]->vendor;
        vendors[i]->describe(host, pci, gpu);
        return;
    }
}

/* What is true of a driver need not be read again for its next GPU. `gpus` ends with the new one. */
static const struct nvb_gpu *find_sibling(const struct nvb_gpus *gpus, const char *driver)
{
    for (size_t i = 0; i + 1 < gpus->n; i++) {
        if (*driver && strcmp(gpus->items[i].driver, driver) == 0)
            return &gpus->items[i];
    }
    return NULL;
}

static void add_pci_gpu(const struct nvb_host *host,
                        const struct nvb_pci_display *display,
                        struct nvb_gpus *gpus)
{
    const char *address = display->address;
    nvb_autofree char *driver_link = nvb_xasprintf("/sys/bus/pci/devices/%s/driver", address);
    nvb_autofree char *drm = nvb_xasprintf("/sys/bus/pci/devices/%s/drm", address);
    struct nvb_gpu *gpu = nvb_gpus_add(gpus);
    char *driver = nvb_host_dup_link_name(host, driver_link);
    struct nvb_pci_gpu pci = { .address = address };

    gpu->driver = driver ? driver : nvb_xstrdup("");
    pci.vendor_id = display->vendor_id;
    pci.device_id = display->device_id;
    pci.driver = gpu->driver;
    pci.sibling = find_sibling(gpus, gpu->driver);
    gpu->pci_address = nvb_xstrdup(address);
    gpu->pci_vendor_id = pci.vendor_id;
    gpu->pci_device_id = pci.device_id;
    gpu->numa_node = display->numa_node;
    add_drm_nodes(host, drm, gpu);
    describe(host, &pci, gpu);
    if (!gpu->name)
        gpu->name = nvb_xasprintf("GPU %04x:%04x", pci.vendor_id, pci.device_id);
}

static struct nvb_gpu *find_by_address(const struct nvb_gpus *gpus, const char *address)
{
    for (size_t i = 0; address && i < gpus->n; i++) {
        if (gpus->items[i].pci_address && strcmp(gpus->items[i].pci_address, address) == 0)
            return &gpus->items[i];
    }
    return NULL;
}

static bool is_owned(const struct nvb_gpus *gpus, const char *node)
{
    for (size_t i = 0; i < gpus->n; i++) {
        for (size_t k = 0; k < gpus->items[i].n_nodes; k++) {
            if (strcmp(gpus->items[i].nodes[k], node) == 0)
                return true;
        }
    }
    return false;
}

/* A render node that no PCI device has as its child: panfrost and other SoC drivers, vgem, and
 * virtio, whose DRM device hangs below the virtio device of a PCI device on kernels before 6.1. */
static void add_loose_node(const struct nvb_host *host, const char *name, struct nvb_gpus *gpus)
{
    nvb_autofree char *link_path = nvb_xasprintf("/sys/class/drm/%s", name);
    nvb_autofree char *driver_path = nvb_xasprintf("/sys/class/drm/%s/device/driver", name);
    nvb_autofree char *siblings = nvb_xasprintf("/sys/class/drm/%s/device/drm", name);
    nvb_autofree char *link = nvb_host_dup_link(host, link_path);
    nvb_autofree char *address = link ? nvb_pci_dup_address_in(link) : NULL;
    nvb_autofree char *driver = nvb_host_dup_link_name(host, driver_path);
    struct nvb_gpu *gpu = find_by_address(gpus, address);
    struct nvb_pci_gpu none = { .address = "", .driver = driver ? driver : "" };

    if (gpu) {
        if (driver) {
            free(gpu->driver);
            gpu->driver = nvb_steal(&driver);
        }
        add_drm_nodes(host, siblings, gpu);
        return;
    }
    gpu = nvb_gpus_add(gpus);
    gpu->driver = nvb_xstrdup(none.driver);
    add_drm_nodes(host, siblings, gpu);
    describe(host, &none, gpu);
}

static void add_loose_nodes(const struct nvb_host *host, struct nvb_gpus *gpus)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(host->root_fd, "/sys/class/drm", &names, &ignored);
    for (size_t i = 0; i < names.n && gpus->n < GPUS_MAX; i++) {
        nvb_autofree char *node = nvb_xasprintf("/dev/dri/%s", names.items[i]);

        if (is_drm_name(names.items[i], "renderD") && nvb_host_is_node(host, node) &&
            !is_owned(gpus, node))
            add_loose_node(host, names.items[i], gpus);
    }
}

static void number_by_driver(struct nvb_gpus *gpus)
{
    for (size_t i = 0; i < gpus->n; i++) {
        for (size_t k = 0; k < i; k++) {
            gpus->items[i].vendor_index +=
                strcmp(gpus->items[k].driver, gpus->items[i].driver) == 0;
        }
    }
}

bool nvb_gpus_find_hardware(const struct nvb_host *host,
                            struct nvb_gpus *out_gpus,
                            struct nvb_err *err)
{
    nvb_auto_displays displays = { 0 };
    struct nvb_gpus gpus = { 0 };

    nvb_pci_list_displays(host, &displays);
    if (displays.n > GPUS_MAX) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                        "'%s' lists %zu display devices, more than the %d that can be told apart",
                        "/sys/bus/pci/devices", displays.n, GPUS_MAX);
    }
    for (size_t i = 0; i < displays.n; i++)
        add_pci_gpu(host, &displays.items[i], &gpus);
    add_loose_nodes(host, &gpus);
    number_by_driver(&gpus);
    *out_gpus = gpus;
    return true;
}

bool nvb_gpus_find(const struct nvb_host *host, struct nvb_gpus *out_gpus, struct nvb_err *err)
{
    if (!nvb_gpus_find_hardware(host, out_gpus, err))
        return false;
    nvb_gpus_find_vulkan_and_software(host, out_gpus);
    return true;
}

bool nvb_gpu_is_asleep(const struct nvb_host *host, const struct nvb_gpu *gpu)
{
    nvb_autofree char *path = NULL;
    nvb_autofree char *status = NULL;

    if (!gpu->pci_address)
        return false;
    path = nvb_xasprintf("/sys/bus/pci/devices/%s/power/runtime_status", gpu->pci_address);
    status = nvb_host_dup_line(host, path);
    return status && strcmp(status, "suspended") == 0;
}

static void clear_migs(struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_migs; i++) {
        free(gpu->migs[i].uuid);
        free(gpu->migs[i].profile);
        free(gpu->migs[i].gi_node);
        free(gpu->migs[i].ci_node);
    }
    free(gpu->migs);
}

static void clear_gpu(struct nvb_gpu *gpu)
{
    free(gpu->name);
    free(gpu->uuid);
    free(gpu->pci_address);
    free(gpu->driver);
    free(gpu->driver_version);
    for (size_t i = 0; i < gpu->n_nodes; i++)
        free(gpu->nodes[i]);
    free(gpu->nodes);
    free(gpu->vulkan_icd);
    free(gpu->architecture);
    clear_migs(gpu);
}

void nvb_gpus_clear(struct nvb_gpus *gpus)
{
    for (size_t i = 0; i < gpus->n; i++)
        clear_gpu(&gpus->items[i]);
    free(gpus->items);
    *gpus = (struct nvb_gpus){ 0 };
}

const char *nvb_gpu_vendor_name(enum nvb_gpu_vendor vendor)
{
    switch (vendor) {
    case NVB_GPU_NVIDIA:
        return "nvidia";
    case NVB_GPU_AMD:
        return "amd";
    case NVB_GPU_INTEL:
        return "intel";
    case NVB_GPU_OTHER:
        return "other";
    case NVB_GPU_SOFTWARE:
        return "software";
    }
    return "unknown";
}

const char *nvb_driver_kind_name(enum nvb_driver_kind kind)
{
    switch (kind) {
    case NVB_DRIVER_OPEN:
        return "open";
    case NVB_DRIVER_PROPRIETARY:
        return "proprietary";
    case NVB_DRIVER_NOUVEAU:
        return "nouveau";
    case NVB_DRIVER_UNKNOWN:
        break;
    }
    return NULL;
}
