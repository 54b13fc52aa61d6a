/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/driver_finder.h"

#define MPS_DIR "/tmp/nvidia-mps"

static void take(struct nvb_driver_finder *finder,
                 struct nvb_real_file *real,
                 unsigned capability,
                 const char *container_path)
{
    struct nvb_driver_file *file = nvb_driver_finder_add(finder);

    file->kind = NVB_DRIVER_SOCKET;
    file->capabilities = capability;
    file->name = nvb_xstrdup(strrchr(container_path, '/') + 1);
    file->host_path = nvb_steal(&real->path);
    file->container_path = nvb_xstrdup(container_path);
}

/* On a captured machine a plain file stands for a socket, as it does for a device node. */
static bool is_socket(const struct nvb_driver_finder *finder, const struct stat *st)
{
    return S_ISSOCK(st->st_mode) || (!finder->host->is_live && S_ISREG(st->st_mode));
}

/* /var/run is a link to /run nearly everywhere; the path in the container is then that of /run,
 * since an image may have /var/run as a directory. */
static void add_socket(struct nvb_driver_finder *finder, const char *name)
{
    static const char *const dirs[] = { "/run", "/var/run" };

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s/socket", dirs[i], name);
        nvb_auto_real_file real = NVB_REAL_FILE_INIT;
        nvb_auto_err err = { 0 };

        if (!nvb_real_file_open(finder->host, finder->root_prefix, path, 0, &real, &err))
            continue;
        if (is_socket(finder, &real.st)) {
            take(finder, &real, NVB_CAP_UTILITY, path);
            return;
        }
        nvb_driver_finder_note(finder, "'%s' is no socket", path);
    }
}

/* Anyone may make a name in /tmp: a link there, or a directory of another user, would be mounted
 * writable into the container. */
static void add_mps(struct nvb_driver_finder *finder)
{
    const char *given = finder->host->is_live ? getenv("CUDA_MPS_PIPE_DIRECTORY") : NULL;
    const char *path = given && *given ? given : MPS_DIR;
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    nvb_auto_err err = { 0 };

    if (path[0] != '/' || !path[1]) {
        nvb_driver_finder_note(finder,
                               "CUDA_MPS_PIPE_DIRECTORY is no absolute path of a directory");
        return;
    }
    if (!nvb_real_file_open(finder->host, finder->root_prefix, path, O_NOFOLLOW, &real, &err)) {
        if (err.kind != NVB_E_NOT_FOUND || path == given)
            nvb_driver_finder_note(finder, "%s", err.lines[0]);
        return;
    }
    if (!S_ISDIR(real.st.st_mode)) {
        nvb_driver_finder_note(finder, "'%s' is no directory, so MPS is left out", path);
    } else if (real.st.st_uid != 0 && real.st.st_uid != geteuid()) {
        nvb_driver_finder_note(finder, "'%s' belongs to user %u, so MPS is left out", path,
                               (unsigned)real.st.st_uid);
    } else {
        take(finder, &real, NVB_CAP_COMPUTE, path);
    }
}

void nvb_driver_finder_add_sockets(struct nvb_driver_finder *finder)
{
    add_socket(finder, "nvidia-persistenced");
    add_socket(finder, "nvidia-fabricmanager");
    add_mps(finder);
}
