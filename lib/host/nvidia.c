/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/nvidia.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/gpu.h"
#include "host/nvidia_proc.h"

static const char library[] = "libnvidia-ml.so.";

/* Where distributions put it; Debian's alternatives end in nvidia/current. */
static const char *const library_dirs[] = {
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
    "/usr/lib64",
    "/usr/lib",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/run/opengl-driver/lib",
    "/usr/lib/wsl/lib",
};

char *nvb_nvidia_dup_kernel_version(const struct nvb_host *host)
{
    nvb_autofree char *module = nvb_module_dup_version(host, "nvidia");
    nvb_autofree char *text = NULL;

    if (module && nvb_nvidia_is_version(module, strlen(module)))
        return nvb_steal(&module);
    text = nvb_host_dup_text(host, "/proc/driver/nvidia/version", NVB_HOST_FILE_MAX);
    return text ? nvb_nvidia_version_parse(text, NULL) : NULL;
}

static char *dup_version_of_file(const char *name)
{
    const char *version = name + sizeof(library) - 1;

    if (!nvb_has_prefix(name, library) || !nvb_nvidia_is_version(version, strlen(version)))
        return NULL;
    return nvb_xstrdup(version);
}

/* The name that "libnvidia-ml.so.1" ends at after all links: what a program would load. */
static char *dup_version_of_link(const struct nvb_host *host, const char *dir)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s1", dir, library);
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, path, O_PATH);
    nvb_autofree char *own = nvb_xasprintf("/proc/self/fd/%d", fd);
    char target[PATH_MAX + 1] = "";
    const char *slash = NULL;

    if (fd < 0 || readlink(own, target, PATH_MAX) <= 0)
        return NULL;
    slash = strrchr(target, '/');
    return slash ? dup_version_of_file(slash + 1) : NULL;
}

static char *dup_version_in_dir(const struct nvb_host *host, const char *dir)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    char *found = NULL;

    (void)nvb_list_in_root(host->root_fd, dir, &names, &ignored);
    for (size_t i = 0; i < names.n && !found; i++)
        found = dup_version_of_file(names.items[i]);
    return found;
}

int nvb_nvidia_open_library(const struct nvb_host *host)
{
    int fd = -1;

    for (size_t i = 0; i < sizeof(library_dirs) / sizeof(library_dirs[0]) && fd < 0; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s1", library_dirs[i], library);
        struct stat st;

        /* A captured tree, or a hostile one, may hold a FIFO by that name. */
        fd = nvb_open_in_root(host->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
            (void)close(fd);
            fd = -1;
        }
    }
    return fd;
}

bool nvb_nvidia_has_library(const struct nvb_host *host)
{
    nvb_autoclose int fd = nvb_nvidia_open_library(host);

    return fd >= 0;
}

char *nvb_nvidia_dup_library_version(const struct nvb_host *host)
{
    char *found = NULL;

    for (size_t i = 0; i < sizeof(library_dirs) / sizeof(library_dirs[0]) && !found; i++)
        found = dup_version_of_link(host, library_dirs[i]);
    for (size_t i = 0; i < sizeof(library_dirs) / sizeof(library_dirs[0]) && !found; i++)
        found = dup_version_in_dir(host, library_dirs[i]);
    return found;
}
