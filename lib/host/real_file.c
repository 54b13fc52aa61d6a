/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/real_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    FD_LINK_SIZE = 32, /* "/proc/self/fd/2147483647" */
};

static void name_fd(int fd, char out[FD_LINK_SIZE])
{
    (void)snprintf(out, FD_LINK_SIZE, "/proc/self/fd/%d", fd);
}

/* The kernel's own idea of where the descriptor leads; false with errno. */
static bool read_fd_path(int fd, char out[PATH_MAX])
{
    char own[FD_LINK_SIZE];
    ssize_t len = 0;

    name_fd(fd, own);
    len = readlink(own, out, PATH_MAX - 1);
    if (len < 0)
        return false;
    out[len] = '\0';
    return true;
}

bool nvb_real_root(const struct nvb_host *host, char **out_prefix, struct nvb_err *err)
{
    char path[PATH_MAX];

    if (!read_fd_path(host->root_fd, path)) {
        nvb_fail_errno(err, NVB_D_HOST, "cannot tell where '%s' is", host->root);
        return nvb_hint(err, "mount /proc");
    }
    *out_prefix = nvb_xstrdup(strcmp(path, "/") == 0 ? "" : path);
    return true;
}

static bool is_plain(const char *path)
{
    for (const char *p = path; *p; p++) {
        if (*p <= ' ' || *p > '~')
            return false;
    }
    return *path == '/';
}

static bool
fill(struct nvb_real_file *file, const char *root_prefix, const char *path, struct nvb_err *err)
{
    char real[PATH_MAX];
    size_t cut = strlen(root_prefix);

    if (fstat(file->fd, &file->st) < 0 || !read_fd_path(file->fd, real))
        return nvb_fail_errno(err, NVB_D_HOST, "cannot look at '%s'", path);
    /* A mount that was moved away meanwhile shows a path of its own. */
    if (strncmp(real, root_prefix, cut) != 0 || (real[cut] != '/' && real[cut] != '\0')) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "'%s' does not end below the root", path);
    }
    if (!is_plain(real[cut] ? real + cut : "/")) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID,
                        "'%s' leads to a path with blanks or control characters", path);
    }
    file->path = nvb_xstrdup(real[cut] ? real + cut : "/");
    return true;
}

/* With file->fd opened, or -1 and errno. */
static bool open_checked(struct nvb_real_file *take_file,
                         const char *root_prefix,
                         const char *path,
                         struct nvb_real_file *out,
                         struct nvb_err *err)
{
    nvb_auto_real_file file = *take_file;

    if (file.fd < 0)
        return nvb_fail_errno(err, NVB_D_HOST, "cannot open '%s'", path);
    if (!fill(&file, root_prefix, path, err))
        return false;
    *out = file;
    file = (struct nvb_real_file)NVB_REAL_FILE_INIT;
    return true;
}

bool nvb_real_file_open(const struct nvb_host *host,
                        const char *root_prefix,
                        const char *path,
                        int extra_flags,
                        struct nvb_real_file *out,
                        struct nvb_err *err)
{
    struct nvb_real_file file = {
        .fd = nvb_open_in_root(host->root_fd, path, O_PATH | extra_flags),
    };

    return open_checked(&file, root_prefix, path, out, err);
}

bool nvb_real_file_open_if_there(const struct nvb_host *host,
                                 const char *root_prefix,
                                 const char *path,
                                 struct nvb_real_file *out,
                                 struct nvb_err *err)
{
    struct nvb_real_file file = { .fd = nvb_open_in_root(host->root_fd, path, O_PATH) };

    return (file.fd < 0 && errno == ENOENT) || open_checked(&file, root_prefix, path, out, err);
}

int nvb_real_file_reopen(const struct nvb_real_file *file)
{
    char own[FD_LINK_SIZE];

    if (!S_ISREG(file->st.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    name_fd(file->fd, own);
    return open(own, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

void nvb_real_file_clear(struct nvb_real_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->path);
    *file = (struct nvb_real_file)NVB_REAL_FILE_INIT;
}
