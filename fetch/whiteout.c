/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"

#define OPAQUE "user.overlay.opaque"

bool whiteout_is(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

bool whiteout_make(int parent_fd, const char *name)
{
    return mknodat(parent_fd, name, S_IFCHR, makedev(0, 0)) == 0;
}

bool whiteout_replace(int parent_fd, const char *name, mode_t mode)
{
    struct stat st;

    if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    if (!whiteout_is(&st)) {
        errno = ENOTDIR;
        return false;
    }
    return unlinkat(parent_fd, name, 0) == 0 && mkdirat(parent_fd, name, mode) == 0 &&
           opaque_set(parent_fd, name);
}

bool opaque_is(int fd)
{
    char value = 0;

    return fgetxattr(fd, OPAQUE, &value, 1) == 1 && value == 'y';
}

bool opaque_set(int parent_fd, const char *name)
{
    nvb_autoclose int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && fsetxattr(fd, OPAQUE, "y", 1, 0) == 0;
}
