/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* distro.h - which family of packages a machine has, for advice that can be pasted. */
#pragma once

#include "host/host.h"

/* Things that advice may ask to install. */
enum nvb_package {
    NVB_PACKAGE_LAVAPIPE = 0,
    NVB_PACKAGE_VULKAN_INTEL,
    NVB_PACKAGE_VULKAN_AMD,
    NVB_PACKAGE_VULKAN_NVIDIA,
    NVB_PACKAGE_VULKAN_NOUVEAU,
    NVB_PACKAGE_VULKAN_OTHER, /* virtio, panfrost... */
    NVB_PACKAGE_NVIDIA_DRIVER,
    NVB_PACKAGE_EMULATOR, /* of other processors, for images of theirs */
    NVB_PACKAGE_PASTA,
    NVB_PACKAGE_NEWUIDMAP,
    NVB_N_PACKAGES,
};

/* "sudo apt install mesa-vulkan-drivers", by ID and ID_LIKE of /etc/os-release; a sentence that
 * names the project where the distribution is unknown. Caller frees. */
char *nvb_distro_dup_install_command(const struct nvb_host *host, enum nvb_package package);

/* The same for the 32-bit twin of a package, that Steam and older games load. */
char *nvb_distro_dup_install_32_command(const struct nvb_host *host, enum nvb_package package);
