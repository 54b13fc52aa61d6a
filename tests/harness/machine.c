/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>

#include "tree.h"

__attribute__((format(printf, 3, 4))) static void
put(const char *tree, const char *text, const char *fmt, ...)
{
    char path[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);
    tree_put(tree, path, text);
}

void machine_gpu(const char *tree,
                 const char *address,
                 const char *vendor_id,
                 const char *device_id,
                 const char *driver,
                 unsigned number)
{
    char home[256];
    char path[512];
    char target[512];

    (void)snprintf(home, sizeof(home), "sys/devices/pci0000:00/%s", address);
    put(tree, "0x030000\n", "%s/class", home);
    put(tree, vendor_id, "%s/vendor", home);
    put(tree, device_id, "%s/device", home);
    put(tree, "226:0\n", "%s/drm/card%u/dev", home, number);
    put(tree, "226:128\n", "%s/drm/renderD%u/dev", home, 128 + number);
    put(tree, "", "dev/dri/card%u", number);
    put(tree, "", "dev/dri/renderD%u", 128 + number);
    (void)snprintf(path, sizeof(path), "%s/driver", home);
    (void)snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
    tree_link(tree, path, target);
    (void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", address);
    (void)snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", address);
    tree_link(tree, path, target);
}

void machine_nvidia(const char *tree)
{
    tree_put(tree, "sys/module/nvidia/version", "550.163.01\n");
    tree_put(tree, "proc/driver/nvidia/version",
             "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  Tue Apr  8 2025\n");
    tree_put(tree, "dev/nvidiactl", "");
    tree_put(tree, "dev/nvidia-uvm", "");
    machine_icd(tree, "nvidia_icd.json", "libGLX_nvidia.so.0");
}

void machine_nvidia_gpu(const char *tree, const char *address, unsigned number)
{
    char text[512];

    machine_gpu(tree, address, "0x10de\n", "0x2786\n", "nvidia", number);
    put(tree, "", "dev/nvidia%u", number);
    (void)snprintf(
        text, sizeof(text),
        "Model: \t\t NVIDIA GeForce RTX 4070\nGPU UUID: \t GPU-%u\nDevice Minor: \t %u\n", number,
        number);
    put(tree, text, "proc/driver/nvidia/gpus/%s/information", address);
}

void machine_icd(const char *tree, const char *name, const char *library)
{
    char text[512];

    (void)snprintf(text, sizeof(text),
                   "{\"file_format_version\": \"1.0.0\", \"ICD\": {\"library_path\": \"%s\"}}",
                   library);
    put(tree, text, "usr/share/vulkan/icd.d/%s", name);
}
