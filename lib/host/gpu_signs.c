/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/gpu_signs.h"

#include <string.h>

#include "host/driver_files.h"
#include "host/node.h"
#include "host/pci.h"
#include "host/wsl.h"

#define CAPABILITIES "/proc/driver/nvidia/capabilities"

/* DIR/NAME of each of the names that has the prefix. */
static void
list(const struct nvb_host *host, const char *dir, const char *prefix, struct nvb_strv *out_paths)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err absent = { 0 };

    (void)nvb_list_in_root(host->root_fd, dir, &names, &absent);
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_has_prefix(names.items[i], prefix))
            nvb_strv_addf(out_paths, "%s/%s", dir, names.items[i]);
    }
}

/* Reading these two asks no GPU: the text is the module's own, as are the numbers. */
static void add_modules(const struct nvb_host *host, struct nvb_strv *signs)
{
    nvb_autofree char *version = nvb_host_dup_line(host, "/proc/driver/nvidia/version");
    nvb_autofree char *devices = nvb_host_dup_text(host, "/proc/devices", NVB_HOST_FILE_MAX);
    char *next = NULL;

    if (version)
        nvb_strv_add(signs, version);
    for (char *line = devices ? strtok_r(devices, "\n", &next) : NULL; line;
         line = strtok_r(NULL, "\n", &next)) {
        if (strstr(line, "nvidia") || strstr(line, "drm") || strstr(line, "kfd"))
            nvb_strv_add(signs, line);
    }
    list(host, "/proc/driver/nvidia/gpus", "", signs);
}

static void add_migs(const struct nvb_host *host, struct nvb_strv *signs)
{
    nvb_auto_strv gpus = { 0 };

    list(host, CAPABILITIES, "gpu", &gpus);
    for (size_t i = 0; i < gpus.n; i++) {
        nvb_autofree char *mig = nvb_xasprintf("%s/mig", gpus.items[i]);
        nvb_auto_strv instances = { 0 };

        list(host, mig, "gi", &instances);
        for (size_t k = 0; k < instances.n; k++) {
            nvb_strv_add(signs, instances.items[k]);
            list(host, instances.items[k], "ci", signs);
        }
    }
}

/* Not the connectors of a card: a monitor changes nothing for a container. */
static bool is_drm_node(const char *path)
{
    return !strchr(strrchr(path, '/'), '-');
}

static void add_pci(const struct nvb_host *host, struct nvb_strv *signs)
{
    nvb_auto_displays displays = { 0 };

    nvb_pci_list_displays(host, &displays);
    for (size_t i = 0; i < displays.n; i++) {
        const char *address = displays.items[i].address;
        nvb_autofree char *link = nvb_xasprintf("/sys/bus/pci/devices/%s/driver", address);
        nvb_autofree char *drm = nvb_xasprintf("/sys/bus/pci/devices/%s/drm", address);
        nvb_autofree char *driver = nvb_host_dup_link_name(host, link);

        nvb_strv_addf(signs, "%s %s", address, driver ? driver : "-");
        list(host, drm, "", signs);
    }
}

static void add_drm(const struct nvb_host *host, struct nvb_strv *signs)
{
    nvb_auto_strv paths = { 0 };

    list(host, "/sys/class/drm", "", &paths);
    for (size_t i = 0; i < paths.n; i++) {
        if (is_drm_node(paths.items[i]))
            nvb_strv_add(signs, paths.items[i]);
    }
}

static void add_nodes(const struct nvb_host *host, struct nvb_strv *signs)
{
    nvb_auto_strv paths = { 0 };

    list(host, "/dev", "nvidia", &paths);
    list(host, "/dev", "kfd", &paths);
    list(host, "/dev", "dxg", &paths);
    list(host, "/dev/dri", "", &paths);
    list(host, "/dev/nvidia-caps", "", &paths);
    for (size_t i = 0; i < paths.n; i++) {
        struct nvb_node node = { 0 };

        (void)nvb_node_read(host, paths.items[i], &node);
        nvb_strv_addf(signs, "%s %u:%u", paths.items[i], node.major, node.minor);
    }
}

/* Manifests are read for what they name, so their time counts; a library's version is in its name. */
static void
add_files(const struct nvb_host *host, const struct nvb_driver_files *files, struct nvb_strv *signs)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct nvb_driver_file *file = &files->items[i];
        struct stat st = { 0 };

        if (!file->host_path)
            continue;
        if (file->bits == 0)
            (void)nvb_host_lstat(host, file->host_path, &st);
        nvb_strv_addf(signs, "%s %s %lld.%09ld", file->host_path, file->name,
                      (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
        for (size_t k = 0; k < file->n_links; k++)
            nvb_strv_add(signs, file->links[k]);
    }
}

static void add_driver(const struct nvb_host *host, struct nvb_strv *signs)
{
    nvb_auto_driver_files files = { 0 };
    nvb_auto_wsl wsl = { 0 };
    nvb_auto_err err = { 0 };

    if (nvb_driver_files_find(host, &files, &err)) {
        add_files(host, &files, signs);
    } else {
        nvb_strv_add(signs, err.lines[0]);
        nvb_err_clear(&err);
    }
    if (nvb_wsl_find(host, &wsl, &err))
        add_files(host, &wsl.files, signs);
}

char *nvb_gpu_signs_dup(const struct nvb_host *host)
{
    nvb_auto_strv signs = { 0 };

    add_modules(host, &signs);
    add_migs(host, &signs);
    add_pci(host, &signs);
    add_drm(host, &signs);
    add_nodes(host, &signs);
    add_driver(host, &signs);
    return signs.n > 0 ? nvb_strv_join(&signs, "\n") : nvb_xstrdup("");
}

bool nvb_gpu_signs_has_mig(const struct nvb_host *host)
{
    nvb_auto_strv gpus = { 0 };

    list(host, CAPABILITIES, "gpu", &gpus);
    for (size_t i = 0; i < gpus.n; i++) {
        nvb_autofree char *mig = nvb_xasprintf("%s/mig", gpus.items[i]);

        if (nvb_host_exists(host, mig))
            return true;
    }
    return false;
}
