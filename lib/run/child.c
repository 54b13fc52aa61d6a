/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The child between clone3 and the command: each stage in its own file, in the order in which
 * the phases name them. It never unwinds: a failure is told to the parent and the process ends,
 * and with it its namespaces and everything that was mounted in them. */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/attach.h"
#include "run/connection.h"
#include "run/init.h"
#include "run/kernelfs.h"
#include "run/launch.h"
#include "run/layer.h"
#include "run/lock.h"
#include "run/lowers.h"
#include "run/rights.h"
#include "run/rootfs.h"
#include "run/sources.h"
#include "run/terminal.h"

NVB_PRINTF(5, 0)

_Noreturn static void die(const struct nvb_launch *launch,
                          enum nvb_kind kind,
                          int sys_errno,
                          const char *hint,
                          const char *fmt,
                          va_list ap)
{
    struct nvb_message m = { .type = 'E', .kind = (unsigned char)kind, .sys_errno = sys_errno };

    (void)vsnprintf(m.text, sizeof(m.text), fmt, ap);
    if (hint)
        (void)snprintf(m.hint, sizeof(m.hint), "%s", hint);
    (void)send(launch->control, &m, sizeof(m), MSG_NOSIGNAL);
    _exit(125);
}

void nvb_child_die(const struct nvb_launch *launch, int sys_errno, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    die(launch, NVB_E_IO, sys_errno, NULL, fmt, ap);
}

void nvb_child_die_kind(const struct nvb_launch *launch,
                        enum nvb_kind kind,
                        const char *hint,
                        const char *fmt,
                        ...)
{
    va_list ap;

    va_start(ap, fmt);
    die(launch, kind, 0, hint, fmt, ap);
}

void nvb_child_wait_for_parent(const struct nvb_launch *launch)
{
    char c = 0;
    ssize_t got = 0;

    do {
        got = recv(launch->control, &c, 1, 0);
    } while (got < 0 && errno == EINTR);
    if (got != 1)
        _exit(125); /* the parent is gone */
}

void nvb_child_send_fds(const struct nvb_launch *launch, const int *fds, size_t n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * 4)];
    } control = { 0 };
    struct nvb_message m = { .type = 'F' };
    struct iovec iov = { .iov_base = &m, .iov_len = sizeof(m) };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(sizeof(int) * n),
    };
    struct cmsghdr *header = &control.align; /* what CMSG_FIRSTHDR gives, without its NULL */

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * n);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * n);
    if (sendmsg(launch->control, &message, MSG_NOSIGNAL) < 0)
        _exit(125);
    nvb_child_wait_for_parent(launch);
}

/* While newuidmap and newgidmap work, which takes 2 ms: nothing in here makes a file. */
static void use_the_time(struct nvb_launch *launch)
{
    if (unshare(nvb_late_namespaces(launch)) < 0) {
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED,
                           "too many namespaces may be in use: see the limits in /proc/sys/user",
                           "cannot make the container's namespaces: %s", strerrordesc_np(errno));
    }
    if (!launch->connection)
        nvb_child_connect(launch);
}

static void open_host_paths(struct nvb_launch *launch)
{
    nvb_child_open_sources(launch);
    nvb_child_open_layer(launch);
    nvb_child_open_lowers(launch);
}

void nvb_child_main(struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;
    struct nvb_phases *phases = launch->phases;
    int root_fd = -1;

    (void)setsid(); /* what is typed at the caller's terminal comes by the parent alone */
    nvb_child_tie(launch);
    if (launch->map.is_helped) {
        use_the_time(launch);
        open_host_paths(launch);
    }
    nvb_child_wait_for_parent(launch); /* for the id maps and the cgroup */
    /* Only now, so that the cgroup it is in is the root of what it sees. */
    if (unshare(CLONE_NEWCGROUP) < 0)
        nvb_child_die(launch, errno, "cannot make a cgroup namespace");
    nvb_phase_mark(phases, NVB_PHASE_CHILD);
    if (!launch->map.is_helped)
        open_host_paths(launch);
    nvb_phase_mark(phases, NVB_PHASE_SOURCES);
    nvb_child_become_root(launch);
    nvb_child_tie(launch);
    root_fd = nvb_child_build_root(launch);
    nvb_phase_mark(phases, NVB_PHASE_ROOT);
    nvb_child_mount_kernel_filesystems(launch, root_fd);
    nvb_phase_mark(phases, NVB_PHASE_KERNEL);
    nvb_child_apply_edits(launch, root_fd);
    nvb_phase_mark(phases, NVB_PHASE_EDITS);
    nvb_child_pivot(launch, root_fd);
    nvb_phase_mark(phases, NVB_PHASE_PIVOTED);
    if (sethostname(c->hostname, strlen(c->hostname)) < 0)
        nvb_child_die(launch, errno, "cannot set the host name '%s'", c->hostname);
    if (!launch->map.is_helped || launch->connection)
        nvb_child_connect(launch);
    nvb_phase_mark(phases, NVB_PHASE_NETWORK);
    nvb_child_hand_over(launch);
    nvb_child_drop_bounding_set(launch);
    nvb_child_become_user(launch);
    nvb_child_lock(launch);
    nvb_child_tie(launch);
    nvb_phase_mark(phases, NVB_PHASE_LOCKED);
    nvb_init_main(launch);
}
