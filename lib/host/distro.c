/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/distro.h"

#include <string.h>

struct family {
    const char *id;         /* of ID or ID_LIKE */
    const char *install;    /* the command before the package's name */
    const char *install_32; /* the same for 32-bit packages, with what makes them known first */
    const char *prefix_32;  /* of a 32-bit package's name */
    const char *suffix_32;
    const char *packages[NVB_N_PACKAGES];
};

#define APT                                                                                   \
    .install = "sudo apt install",                                                            \
    .install_32 = "sudo dpkg --add-architecture i386 && sudo apt update && sudo apt install", \
    .prefix_32 = "", .suffix_32 = ":i386"

/* Mesa's drivers for all GPUs in one package. */
#define MESA "mesa-vulkan-drivers"
#define MESA_FOR_ALL                                                      \
    [NVB_PACKAGE_LAVAPIPE] = MESA, [NVB_PACKAGE_VULKAN_INTEL] = MESA,     \
    [NVB_PACKAGE_VULKAN_AMD] = MESA, [NVB_PACKAGE_VULKAN_NOUVEAU] = MESA, \
    [NVB_PACKAGE_VULKAN_OTHER] = MESA

static const struct family families[] = {
    {
        .id = "ubuntu", /* before the Debian that it is like */
        APT,
        .packages = {
            MESA_FOR_ALL,
            [NVB_PACKAGE_VULKAN_NVIDIA] = "libnvidia-gl-$(cut -d. -f1 /sys/module/nvidia/version)",
            [NVB_PACKAGE_NVIDIA_DRIVER] = "ubuntu-drivers-common && sudo ubuntu-drivers install",
            [NVB_PACKAGE_EMULATOR] = "qemu-user-static",
            [NVB_PACKAGE_PASTA] = "passt",
            [NVB_PACKAGE_NEWUIDMAP] = "uidmap",
        },
    },
    {
        .id = "debian",
        APT,
        .packages = {
            MESA_FOR_ALL,
            [NVB_PACKAGE_VULKAN_NVIDIA] = "nvidia-vulkan-icd",
            [NVB_PACKAGE_NVIDIA_DRIVER] = "nvidia-driver",
            [NVB_PACKAGE_EMULATOR] = "qemu-user-static",
            [NVB_PACKAGE_PASTA] = "passt",
            [NVB_PACKAGE_NEWUIDMAP] = "uidmap",
        },
    },
    {
        .id = "arch",
        .install = "sudo pacman -S",
        .install_32 = "sudo pacman -S",
        .prefix_32 = "lib32-",
        .suffix_32 = "",
        .packages = {
            [NVB_PACKAGE_LAVAPIPE] = "vulkan-swrast",
            [NVB_PACKAGE_VULKAN_INTEL] = "vulkan-intel",
            [NVB_PACKAGE_VULKAN_AMD] = "vulkan-radeon",
            [NVB_PACKAGE_VULKAN_NVIDIA] = "nvidia-utils",
            [NVB_PACKAGE_VULKAN_NOUVEAU] = "vulkan-nouveau",
            [NVB_PACKAGE_VULKAN_OTHER] = "vulkan-virtio",
            [NVB_PACKAGE_NVIDIA_DRIVER] = "nvidia-open",
            [NVB_PACKAGE_EMULATOR] = "qemu-user-static qemu-user-static-binfmt",
            [NVB_PACKAGE_PASTA] = "passt",
            [NVB_PACKAGE_NEWUIDMAP] = "shadow",
        },
    },
    {
        .id = "fedora",
        .install = "sudo dnf install",
        .install_32 = "sudo dnf install",
        .prefix_32 = "",
        .suffix_32 = ".i686",
        .packages = {
            MESA_FOR_ALL,
            [NVB_PACKAGE_VULKAN_NVIDIA] = "xorg-x11-drv-nvidia-libs",
            [NVB_PACKAGE_NVIDIA_DRIVER] = "akmod-nvidia",
            [NVB_PACKAGE_EMULATOR] = "qemu-user-static",
            [NVB_PACKAGE_PASTA] = "passt",
            [NVB_PACKAGE_NEWUIDMAP] = "shadow-utils",
        },
    },
};

static const char *const projects[NVB_N_PACKAGES] = {
    [NVB_PACKAGE_LAVAPIPE] = "lavapipe, Mesa's software Vulkan driver",
    [NVB_PACKAGE_VULKAN_INTEL] = "Mesa's Vulkan driver for Intel",
    [NVB_PACKAGE_VULKAN_AMD] = "Mesa's Vulkan driver for AMD",
    [NVB_PACKAGE_VULKAN_NVIDIA] = "the Vulkan part of NVIDIA's driver",
    [NVB_PACKAGE_VULKAN_NOUVEAU] = "Mesa's Vulkan driver for nouveau",
    [NVB_PACKAGE_VULKAN_OTHER] = "Mesa's Vulkan drivers",
    [NVB_PACKAGE_NVIDIA_DRIVER] = "NVIDIA's own driver",
    [NVB_PACKAGE_EMULATOR] = "QEMU's emulators of single programs, with their binfmt_misc entries",
    [NVB_PACKAGE_PASTA] = "pasta, of the project passt",
    [NVB_PACKAGE_NEWUIDMAP] = "newuidmap and newgidmap, of the project shadow",
};

/* Is `word` the value of KEY, or one of its words, quoted or not? */
static bool has_word(const char *os_release, const char *key, const char *word)
{
    size_t key_len = strlen(key);

    for (const char *line = os_release; *line; line += *line == '\n') {
        size_t len = strcspn(line, "\n");

        if (len > key_len && strncmp(line, key, key_len) == 0 && line[key_len] == '=') {
            const char *p = line + key_len + 1;

            while (p < line + len) {
                size_t n = strcspn(p, "\"' \t\r\n");

                if (n == strlen(word) && strncmp(p, word, n) == 0)
                    return true;
                p += n + 1;
            }
        }
        line += len;
    }
    return false;
}

static const struct family *find_family(const struct nvb_host *host)
{
    nvb_autofree char *text = nvb_host_dup_text(host, "/etc/os-release", NVB_HOST_FILE_MAX);

    if (!text)
        text = nvb_host_dup_text(host, "/usr/lib/os-release", NVB_HOST_FILE_MAX);
    for (size_t i = 0; text && i < sizeof(families) / sizeof(families[0]); i++) {
        if (has_word(text, "ID", families[i].id) || has_word(text, "ID_LIKE", families[i].id))
            return &families[i];
    }
    return NULL;
}

char *nvb_distro_dup_install_command(const struct nvb_host *host, enum nvb_package package)
{
    const struct family *family = find_family(host);

    if (!family)
        return nvb_xasprintf("install %s", projects[package]);
    return nvb_xasprintf("%s %s", family->install, family->packages[package]);
}

char *nvb_distro_dup_install_32_command(const struct nvb_host *host, enum nvb_package package)
{
    const struct family *family = find_family(host);

    if (!family)
        return nvb_xasprintf("install the 32-bit build of %s", projects[package]);
    return nvb_xasprintf("%s %s%s%s", family->install_32, family->prefix_32,
                         family->packages[package], family->suffix_32);
}
