/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* checks_nvidia.c - what goes wrong between NVIDIA's module, its nodes and its libraries. */
#include <string.h>

#include "check.h"
#include "host/distro.h"
#include "host/node.h"
#include "host/nvidia.h"
#include "host/nvidia_proc.h"

static bool has_own_node(const struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (strncmp(gpu->nodes[i], "/dev/nvidia", 11) == 0 && gpu->nodes[i][11] >= '0' &&
            gpu->nodes[i][11] <= '9')
            return true;
    }
    return false;
}

static bool is_without_node(const struct nvb_gpu *gpu)
{
    return check_is_nvidia(gpu) && !has_own_node(gpu);
}

/* The nodes are made by a setuid program of the driver, not by udev; CUDA needs uvm. */
void check_nvidia_nodes(const struct machine *machine, struct finding *out)
{
    static const char *const nodes[] = { "/dev/nvidiactl", "/dev/nvidia-uvm",
                                         "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset" };
    const struct nvb_gpu *bare = check_find_gpu(machine, is_without_node);
    nvb_auto_strv missing = { 0 };
    nvb_autofree char *list = NULL;

    if (!check_find_gpu(machine, check_is_nvidia))
        return;
    if (bare)
        nvb_strv_addf(&missing, "the node of GPU %u", bare->index);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        if (!nvb_host_is_node(machine->host, nodes[i]))
            nvb_strv_add(&missing, nodes[i]);
    }
    if (missing.n == 0) {
        finding_say(out, VERDICT_OK, "NVIDIA's device nodes are there");
        return;
    }
    list = nvb_strv_join(&missing, ", ");
    finding_say(out, VERDICT_FAIL, "missing: %s", list);
    finding_fix(out, "sudo modprobe -a nvidia-uvm nvidia-modeset && sudo nvidia-modprobe -c 0 -u "
                     "-m");
}

void check_nvidia_driver(const struct machine *machine, struct finding *out)
{
    nvb_autofree char *kernel = nvb_nvidia_dup_kernel_version(machine->host);
    nvb_autofree char *library = nvb_nvidia_dup_library_version(machine->host);

    if (!check_find_gpu(machine, check_is_nvidia))
        return;
    if (!kernel) {
        finding_say(out, VERDICT_FAIL, "the nvidia kernel module does not tell its version");
        finding_fix(out, "sudo modprobe nvidia");
    } else if (!library) {
        nvb_autofree char *install =
            nvb_distro_dup_install_command(machine->host, NVB_PACKAGE_VULKAN_NVIDIA);

        finding_say(out, VERDICT_FAIL,
                    "the kernel module is %s, but NVIDIA's libraries are not installed", kernel);
        finding_fix(out, "%s", install);
    } else if (strcmp(kernel, library) != 0) {
        finding_say(out, VERDICT_FAIL,
                    "the kernel module is %s, but the libraries are %s: the driver was updated "
                    "without a restart",
                    kernel, library);
        finding_fix(out, "sudo reboot");
    } else {
        finding_say(out, VERDICT_OK, "kernel module and libraries are both %s", kernel);
    }
}

/* One node that a program would open, and the names that /proc/devices may have for its module. */
static const struct {
    const char *node;
    const char *modules[2];
} majors[] = {
    {"/dev/nvidiactl",         { "nvidia", "nvidia-frontend" }},
    { "/dev/nvidia-modeset",   { "nvidia", "nvidia-frontend" }},
    { "/dev/nvidia-uvm",       { "nvidia-uvm", NULL }         },
    { "/dev/nvidia-uvm-tools", { "nvidia-uvm", NULL }         },
};

static bool find_major(const char *devices, const char *const modules[2], unsigned *out)
{
    return nvb_proc_devices_find(devices, modules[0], out) ||
           (modules[1] && nvb_proc_devices_find(devices, modules[1], out));
}

/* nvidia-uvm gets another major at each boot; a node that was kept, by hand or by a container's
 * specification, then leads to no driver, or to another one. */
void check_nvidia_majors(const struct machine *machine, struct finding *out)
{
    nvb_autofree char *devices =
        nvb_host_dup_text(machine->host, "/proc/devices", NVB_HOST_FILE_MAX);
    size_t n = 0;

    if (!devices || !check_find_gpu(machine, check_is_nvidia))
        return;
    for (size_t i = 0; i < sizeof(majors) / sizeof(majors[0]); i++) {
        struct nvb_node node = { 0 };
        unsigned major = 0;

        if (!nvb_node_read(machine->host, majors[i].node, &node))
            continue;
        n++;
        if (!find_major(devices, majors[i].modules, &major)) {
            finding_say(out, VERDICT_FAIL, "%s is there, but no module stands behind it",
                        majors[i].node);
            finding_fix(out, "sudo modprobe %s", majors[i].modules[0]);
            return;
        }
        if (major != node.major) {
            finding_say(out, VERDICT_FAIL,
                        "%s has the major number %u, its module %u: CUDA fails with error 999",
                        majors[i].node, node.major, major);
            finding_fix(out, "sudo rm -f %s && sudo nvidia-modprobe -c 0 -u -m", majors[i].node);
            return;
        }
    }
    if (n > 0)
        finding_say(out, VERDICT_OK, "NVIDIA's device nodes have their modules' numbers");
}

void check_nvml(const struct machine *machine, struct finding *out)
{
    const struct nvb_err *err = &machine->nvml_err;

    if (!machine->has_asked_nvml)
        return;
    if (machine->nvml) {
        finding_say(out, VERDICT_OK, "NVML answers for %zu GPU%s", machine->nvml_facts.n_gpus,
                    machine->nvml_facts.n_gpus == 1 ? "" : "s");
        return;
    }
    finding_say(out, VERDICT_FAIL, "Failed to initialize NVML: %s", err->lines[0]);
    if (err->hint)
        finding_fix(out, "%s", err->hint);
}

static bool is_lost(const struct nvb_gpu *gpu)
{
    return gpu->is_lost;
}

void check_gpu_lost(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *gpu = check_find_gpu(machine, is_lost);

    if (!machine->nvml)
        return;
    if (!gpu) {
        finding_say(out, VERDICT_OK, "NVML reaches every GPU");
        return;
    }
    finding_say(out, VERDICT_FAIL,
                "GPU %u (%s) fell off the bus: often heat, power or a loose riser; the kernel log "
                "has the Xid number (79 is the bus)",
                gpu->index, gpu->name);
    finding_fix(out, "sudo dmesg | grep -i xid, then sudo reboot");
}

static bool is_mig(const struct nvb_gpu *gpu)
{
    return gpu->is_mig_enabled;
}

static bool is_empty_mig(const struct nvb_gpu *gpu)
{
    return gpu->is_mig_enabled && gpu->n_migs == 0;
}

/* A GPU in MIG mode computes nothing as a whole; without instances nothing at all. */
void check_mig(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *empty = check_find_gpu(machine, is_empty_mig);

    if (empty) {
        finding_say(out, VERDICT_FAIL,
                    "GPU %u is in MIG mode but has no MIG device: nothing can use it",
                    empty->index);
        finding_fix(out,
                    "sudo nvidia-smi mig -i %u -cgi 0 -C makes one of the whole GPU, sudo "
                    "nvidia-smi -i %u -mig 0 turns MIG off",
                    empty->vendor_index, empty->vendor_index);
    } else if (check_find_gpu(machine, is_mig)) {
        finding_say(out, VERDICT_OK, "each GPU in MIG mode has MIG devices");
    }
}

static bool is_nouveau(const struct nvb_gpu *gpu)
{
    return gpu->driver_kind == NVB_DRIVER_NOUVEAU;
}

void check_nouveau(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *gpu = check_find_gpu(machine, is_nouveau);
    nvb_autofree char *install = NULL;

    if (!gpu)
        return;
    install = nvb_distro_dup_install_command(machine->host, NVB_PACKAGE_NVIDIA_DRIVER);
    finding_say(out, VERDICT_WARN, "GPU %u (%s) is driven by nouveau: no CUDA, no NVENC, no DLSS",
                gpu->index, gpu->name);
    finding_fix(out, "%s, then sudo reboot", install);
}
