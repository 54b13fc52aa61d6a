/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* checks_libraries.c - Steam itself and older games are 32-bit programs: they load the 32-bit twins
 * of the driver's libraries, which distributions install only when asked. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

static const char *const dirs_32[] = {
    "/usr/lib/i386-linux-gnu",
    "/usr/lib/i386-linux-gnu/nvidia/current",
    "/usr/lib32",
    "/usr/lib", /* Fedora's 64-bit ones are in lib64 */
    "/run/opengl-driver-32/lib",
};

static bool is_elf_32(const struct nvb_host *host, const char *dir, const char *library)
{
    static const unsigned char wanted[] = { 0x7f, 'E', 'L', 'F', 1 };
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, library);
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    unsigned char head[sizeof(wanted)] = { 0 };
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
           memcmp(head, wanted, sizeof(wanted)) == 0;
}

static bool has_library_32(const struct nvb_host *host, const char *library)
{
    for (size_t i = 0; i < sizeof(dirs_32) / sizeof(dirs_32[0]); i++) {
        if (is_elf_32(host, dirs_32[i], library))
            return true;
    }
    return false;
}

/* The library that the GPU's Vulkan driver is, or NULL where no 32-bit program is to be expected. */
static const char *get_library(const struct nvb_gpu *gpu)
{
    switch (check_get_package(gpu)) {
    case NVB_PACKAGE_VULKAN_NVIDIA:
        return "libGLX_nvidia.so.0";
    case NVB_PACKAGE_VULKAN_NOUVEAU:
        return "libvulkan_nouveau.so";
    case NVB_PACKAGE_VULKAN_AMD:
        return "libvulkan_radeon.so";
    case NVB_PACKAGE_VULKAN_INTEL:
        return "libvulkan_intel.so";
    case NVB_PACKAGE_VULKAN_OTHER:
    case NVB_PACKAGE_LAVAPIPE:
    case NVB_PACKAGE_NVIDIA_DRIVER:
    case NVB_PACKAGE_EMULATOR:
    case NVB_PACKAGE_PASTA:
    case NVB_PACKAGE_NEWUIDMAP:
    case NVB_N_PACKAGES:
        break;
    }
    return NULL;
}

/* /proc/sys/kernel/arch is there since Linux 6.1; before that x86 is the better guess. */
static bool is_x86(const struct nvb_host *host)
{
    nvb_autofree char *arch = nvb_host_dup_line(host, "/proc/sys/kernel/arch");

    return !arch || strcmp(arch, "x86_64") == 0;
}

static bool is_for_games(const struct nvb_gpu *gpu)
{
    return check_is_usable(gpu) && get_library(gpu);
}

void check_libraries_32(const struct machine *machine, struct finding *out)
{
    const struct nvb_gpu *gpu = NULL;
    nvb_autofree char *install = NULL;

    if (!is_x86(machine->host) || !check_find_gpu(machine, is_for_games))
        return;
    for (size_t i = 0; i < machine->gpus.n && !gpu; i++) {
        const struct nvb_gpu *candidate = &machine->gpus.items[i];

        if (is_for_games(candidate) && !has_library_32(machine->host, get_library(candidate)))
            gpu = candidate;
    }
    if (!gpu) {
        finding_say(out, VERDICT_OK, "32-bit programs find the GPUs' libraries, too");
        return;
    }
    install = nvb_distro_dup_install_32_command(machine->host, check_get_package(gpu));
    finding_say(out, VERDICT_WARN,
                "no 32-bit %s for GPU %u (%s): Steam and 32-bit games draw on the CPU",
                get_library(gpu), gpu->index, gpu->name);
    finding_fix(out, "%s", install);
}
