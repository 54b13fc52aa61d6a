/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MODE = 0666, /* less the umask */
};

static bool fail(const struct nvb_new_file *file, struct nvb_err *err)
{
    return nvb_fail_errno(err, NVB_D_BASE, "cannot write '%s'", file->path);
}

/* Beside it, for nobody else to guess. */
static char *dup_other_name(const char *path)
{
    uint64_t number = 0;

    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        number = (uint64_t)getpid();
    return nvb_xasprintf("%s.nvbind-%016llx", path, (unsigned long long)number);
}

static char *dup_directory(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return nvb_xstrdup(".");
    return slash == path ? nvb_xstrdup("/") : nvb_xstrndup(path, (size_t)(slash - path));
}

static bool open_new(struct nvb_new_file *file, struct nvb_err *err)
{
    nvb_autofree char *directory = dup_directory(file->path);

    file->fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);
    if (file->fd >= 0)
        return true;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return fail(file, err);
    file->temporary = dup_other_name(file->path);
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
    return file->fd >= 0 || fail(file, err);
}

bool nvb_new_file_open(const char *path, struct nvb_new_file *out, struct nvb_err *err)
{
    nvb_auto_new_file file = { .fd = -1, .path = nvb_xstrdup(path) };
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        file.is_there = true;
        file.fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        if (file.fd < 0)
            return fail(&file, err);
    } else if (!open_new(&file, err)) {
        return false;
    }
    *out = file;
    file = (struct nvb_new_file){ .fd = -1 };
    return true;
}

/* link(2) replaces nothing, rename(2) does. */
static bool give_name(struct nvb_new_file *file)
{
    char link[32];

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
    if (linkat(AT_FDCWD, link, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    file->temporary = dup_other_name(file->path);
    return linkat(AT_FDCWD, link, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW) == 0;
}

bool nvb_new_file_finish(struct nvb_new_file *file, struct nvb_err *err)
{
    if (!file->is_there) {
        if ((!file->temporary && !give_name(file)) ||
            (file->temporary && rename(file->temporary, file->path) < 0))
            return fail(file, err);
        free(file->temporary);
        file->temporary = NULL;
    }
    return close(nvb_steal_fd(&file->fd)) == 0 || fail(file, err);
}

void nvb_new_file_clear(struct nvb_new_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    if (file->temporary)
        (void)unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    *file = (struct nvb_new_file){ .fd = -1 };
}
