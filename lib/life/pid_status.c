/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/pid_status.h"

#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

enum {
    REAP_MS = 5000, /* its parent, or after that init, should take less */
};

/* linux/pidfd.h of Linux 6.15; the first 64 bytes, which never change. */
struct pidfd_info {
    uint64_t mask;
    uint64_t cgroup_id;
    uint32_t ids[11];
    int32_t exit_code;
};

#define PIDFD_INFO_EXIT (UINT64_C(1) << 3)
#define PIDFD_GET_INFO  _IOWR(0xff, 11, struct pidfd_info)

/* The descriptor hangs up when it is reaped. A kernel that cannot tell is not waited for. */
bool nvb_pid_status(int pid_fd, unsigned *out_status)
{
    struct pidfd_info info = { .mask = PIDFD_INFO_EXIT };
    struct pollfd polled = { .fd = pid_fd };

    if (ioctl(pid_fd, PIDFD_GET_INFO, &info) < 0)
        return false;
    info = (struct pidfd_info){ .mask = PIDFD_INFO_EXIT };
    (void)poll(&polled, 1, REAP_MS);
    if (ioctl(pid_fd, PIDFD_GET_INFO, &info) < 0 || !(info.mask & PIDFD_INFO_EXIT))
        return false;
    *out_status = (unsigned)(WIFSIGNALED(info.exit_code) ? 128 + WTERMSIG(info.exit_code)
                                                         : WEXITSTATUS(info.exit_code));
    return true;
}
