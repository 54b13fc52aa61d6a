/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "host/distro.h"

static bool has_driver(const struct nvb_gpu *gpu, const char *driver)
{
    return strcmp(gpu->driver, driver) == 0;
}

/* It has a driver, of whatever name: a render node that no PCI device owns shows that it has. */
static bool has_any_driver(const struct nvb_gpu *gpu)
{
    return *gpu->driver || gpu->n_nodes > 0;
}

static bool is_reserved(const struct nvb_gpu *gpu)
{
    return has_driver(gpu, "vfio-pci");
}

bool check_is_usable(const struct nvb_gpu *gpu)
{
    return gpu->vendor != NVB_GPU_SOFTWARE && has_any_driver(gpu) && !is_reserved(gpu);
}

bool check_is_nvidia(const struct nvb_gpu *gpu)
{
    return gpu->vendor == NVB_GPU_NVIDIA && has_driver(gpu, "nvidia");
}

const struct nvb_gpu *check_find_gpu(const struct machine *machine,
                                     bool (*is_wanted)(const struct nvb_gpu *gpu))
{
    for (size_t i = 0; i < machine->gpus.n; i++) {
        if (is_wanted(&machine->gpus.items[i]))
            return &machine->gpus.items[i];
    }
    return NULL;
}

static bool is_driverless(const struct nvb_gpu *gpu)
{
    return gpu->vendor != NVB_GPU_SOFTWARE && !has_any_driver(gpu);
}

void check_gpu(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *driverless = check_find_gpu(machine, is_driverless);
    const struct nvb_gpu *reserved = check_find_gpu(machine, is_reserved);
    size_t n = machine_count_hardware(machine);

    if (n == 0) {
        finding_say(out, VERDICT_WARN, "no GPU found: programs draw on the CPU");
        finding_fix(out, "lspci -nn | grep -Ei 'vga|3d|display' tells whether there is one at all");
    } else if (driverless) {
        finding_say(out, VERDICT_FAIL, "GPU %u (%s) has no kernel driver", driverless->index,
                    driverless->name);
        finding_fix(out, "lspci -k -s %s names the module to load", driverless->pci_address);
    } else if (reserved) {
        finding_say(out, VERDICT_WARN, "GPU %u (%s) is kept for virtual machines by vfio-pci",
                    reserved->index, reserved->name);
        finding_fix(out, "sudo driverctl unset-override %s", reserved->pci_address);
    } else if (n == 1) {
        finding_say(out, VERDICT_OK, "1 GPU with a kernel driver");
    } else {
        finding_say(out, VERDICT_OK, "%zu GPUs, each with a kernel driver", n);
    }
}

static bool has_render_node(const struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (nvb_has_prefix(gpu->nodes[i], "/dev/dri/renderD"))
            return true;
    }
    return false;
}

static bool is_usable_without_render_node(const struct nvb_gpu *gpu)
{
    return check_is_usable(gpu) && !has_render_node(gpu) && !has_driver(gpu, "dxgkrnl");
}

void check_gpu_nodes(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *gpu = check_find_gpu(machine, is_usable_without_render_node);

    if (!check_find_gpu(machine, check_is_usable))
        return;
    if (!gpu) {
        finding_say(out, VERDICT_OK, "each GPU has its render node in /dev/dri");
        return;
    }
    /* NVIDIA's own interfaces work without one. */
    finding_say(out, check_is_nvidia(gpu) ? VERDICT_WARN : VERDICT_FAIL,
                "GPU %u (%s) has no render node in /dev/dri", gpu->index, gpu->name);
    if (check_is_nvidia(gpu)) {
        finding_fix(out, "sudo modprobe nvidia-drm modeset=1");
    } else {
        finding_fix(out, "sudo udevadm trigger --subsystem-match=drm --action=add");
    }
}

/* Who may open the node, from its permission bits; the ACL of a seat was asked before. */
static void say_refused(const struct machine *machine, const char *node, struct finding *out)
{
    nvb_autoclose int fd = nvb_open_in_root(machine->host->root_fd, node, O_PATH);
    nvb_autofree char *user = nvb_user_dup_name(machine->host, machine->user.uid);
    nvb_autofree char *group = NULL;
    struct stat st;

    finding_say(out, VERDICT_FAIL, "this user may not open %s", node);
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    group = nvb_group_dup_name(machine->host, st.st_gid);
    if (st.st_gid != 0 && group && (st.st_mode & 0060) == 0060) {
        finding_fix(out, "sudo usermod -aG %s %s, then log in again", group,
                    user ? user : "\"$USER\"");
    } else {
        finding_fix(out, "sudo chgrp render %s && sudo chmod 0660 %s", node, node);
    }
}

static bool may_open(const struct machine *machine, const char *node)
{
    nvb_autoclose int fd = nvb_open_in_root(machine->host->root_fd, node, O_PATH);

    return fd >= 0 && faccessat(fd, "", R_OK | W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

/* Card nodes are left out: they are for whoever drives a display, a game opens render nodes. */
void check_gpu_access(const struct machine *machine, struct finding *out)
{
    size_t n = 0;

    for (size_t i = 0; machine->host->is_live && i < machine->gpus.n; i++) {
        const struct nvb_gpu *gpu = &machine->gpus.items[i];

        for (size_t k = 0; k < gpu->n_nodes; k++) {
            if (nvb_has_prefix(gpu->nodes[k], "/dev/dri/card"))
                continue;
            n++;
            if (!may_open(machine, gpu->nodes[k])) {
                say_refused(machine, gpu->nodes[k], out);
                return;
            }
        }
    }
    if (n > 0)
        finding_say(out, VERDICT_OK, "this user may open the GPUs' device nodes");
}

enum nvb_package check_get_package(const struct nvb_gpu *gpu)
{
    switch (gpu->vendor) {
    case NVB_GPU_NVIDIA:
        return check_is_nvidia(gpu) ? NVB_PACKAGE_VULKAN_NVIDIA : NVB_PACKAGE_VULKAN_NOUVEAU;
    case NVB_GPU_AMD:
        return NVB_PACKAGE_VULKAN_AMD;
    case NVB_GPU_INTEL:
        return NVB_PACKAGE_VULKAN_INTEL;
    case NVB_GPU_OTHER:
    case NVB_GPU_SOFTWARE:
        break;
    }
    return NVB_PACKAGE_VULKAN_OTHER;
}

static bool lacks_vulkan(const struct nvb_gpu *gpu)
{
    return check_is_usable(gpu) && !gpu->vulkan_icd;
}

void check_vulkan(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *gpu = check_find_gpu(machine, lacks_vulkan);
    nvb_autofree char *install = NULL;

    if (!check_find_gpu(machine, check_is_usable))
        return;
    if (!gpu) {
        finding_say(out, VERDICT_OK, "Vulkan drivers of the GPUs are installed");
        return;
    }
    /* Some of the other drivers have no Vulkan at all: nothing can be promised for them. */
    finding_say(out, gpu->vendor == NVB_GPU_OTHER ? VERDICT_WARN : VERDICT_FAIL,
                "no Vulkan driver for GPU %u (%s)", gpu->index, gpu->name);
    install = nvb_distro_dup_install_command(machine->host, check_get_package(gpu));
    finding_fix(out, "%s", install);
}

void check_lavapipe(const struct machine *machine, struct finding *out)
{
    bool has_gpu = check_find_gpu(machine, check_is_usable) != NULL;
    nvb_autofree char *install =
        nvb_distro_dup_install_command(machine->host, NVB_PACKAGE_LAVAPIPE);

    if (machine_get_software(machine)) {
        finding_say(out, VERDICT_OK, "software Vulkan (lavapipe) is installed");
        return;
    }
    finding_say(out, has_gpu ? VERDICT_WARN : VERDICT_FAIL,
                "software Vulkan (lavapipe) is missing%s",
                has_gpu ? ": nothing stands in for a GPU that fails" : ", and there is no GPU");
    finding_fix(out, "%s", install);
}
