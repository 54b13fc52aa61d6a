/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* mount_api.h - the mount system calls of Linux 5.2 to 5.12, by number: glibc has had wrappers
 * only since 2.36. All return -1 with errno, all are async-signal-safe. */
#pragma once

#include <linux/mount.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC 02000000
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static inline int nvb_fsopen(const char *type)
{
    return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int nvb_fsconfig_str(int fd, const char *key, const char *value)
{
    return (int)syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, key, value, 0);
}

static inline int nvb_fsconfig_flag(int fd, const char *key)
{
    return (int)syscall(SYS_fsconfig, fd, FSCONFIG_SET_FLAG, key, NULL, 0);
}

static inline int nvb_fsconfig_create(int fd)
{
    return (int)syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static inline int nvb_fsmount(int fd, unsigned attributes)
{
    return (int)syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes);
}

static inline int nvb_open_tree(int dir_fd, const char *path, unsigned flags)
{
    return (int)syscall(SYS_open_tree, dir_fd, path, flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

/* Both sides by descriptor alone. */
static inline int nvb_move_mount(int from_fd, int to_fd)
{
    return (int)syscall(SYS_move_mount, from_fd, "", to_fd, "",
                        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static inline int nvb_mount_setattr(int fd, unsigned flags, const struct mount_attr *attr)
{
    return (int)syscall(SYS_mount_setattr, fd, "", flags | 0x1000 /* AT_EMPTY_PATH */, attr,
                        sizeof(*attr));
}
