/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* machine.h - made-up machines in a tree: what /sys, /proc, /dev and /usr of one would say. */
#pragma once

/* A PCI GPU with a card and a render node; number 0 gives card0 and renderD128. */
void machine_gpu(const char *tree,
                 const char *address,
                 const char *vendor_id,
                 const char *device_id,
                 const char *driver,
                 unsigned number);

/* The same for NVIDIA's driver, with its nodes and UUID "GPU-<number>"; needs machine_nvidia(). */
void machine_nvidia_gpu(const char *tree, const char *address, unsigned number);
void machine_nvidia(const char *tree);

/* A Vulkan driver's manifest, as in "lvp_icd.x86_64.json", "libvulkan_lvp.so". */
void machine_icd(const char *tree, const char *name, const char *library);
