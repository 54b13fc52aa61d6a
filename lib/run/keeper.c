/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* From the first fork on only async-signal-safe calls. */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/carrier.h"
#include "run/helper.h"
#include "run/launch.h"
#include "run/link.h"
#include "run/names_server.h"
#include "run/port_relay.h"
#include "run/wiring.h"

#ifndef SYS_close_range
#define SYS_close_range 436 /* Linux 5.9 */
#endif

/* The lowest descriptor that must stay and is at least `first`; UINT_MAX for none. */
static unsigned next_to_keep(const struct nvb_keeper *k, unsigned first)
{
    const int own[] = { k->user_ns_fd, k->net_ns_fd,          k->container_fd,         k->null_fd,
                        k->report_fd,  k->membership->dir_fd, k->membership->socket_fd };
    unsigned next = ~0U;

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        next = own[i] >= 0 && (unsigned)own[i] >= first && (unsigned)own[i] < next
                   ? (unsigned)own[i]
                   : next;
    for (size_t i = 0; i < k->listeners->n; i++) {
        unsigned fd = (unsigned)k->listeners->items[i].fd;

        next = fd >= first && fd < next ? fd : next;
    }
    return next;
}

/* What the caller has open, its pipes above all, must not stay open with us when it ends. */
static void close_all_others(const struct nvb_keeper *k)
{
    unsigned first = 3;

    for (;;) {
        unsigned next = next_to_keep(k, first);

        if (next > first)
            (void)syscall(SYS_close_range, first, next == ~0U ? ~0U : next - 1, 0U);
        if (next == ~0U)
            break;
        first = next + 1;
    }
    for (int fd = 0; fd <= 2; fd++)
        (void)dup2(k->null_fd, fd);
}

static void become_namespace_root(const struct nvb_launch *to, const struct nvb_keeper *k)
{
    if (!k->is_range)
        return;
    (void)syscall(SYS_setgroups, 0UL, NULL);
    if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
        nvb_child_die(to, errno, "cannot become root of the container's user namespace");
}

/* Of all that the namespace's owner may do only what configures its network; in the end nothing. The
 * helper finds the network by this process, which the kernel shows to no one with less than it. */
static void keep_capabilities(const struct nvb_launch *to, unsigned mask)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
        {.effective = mask, .permitted = mask}
    };

    if (syscall(SYS_capset, &header, data) < 0)
        nvb_child_die(to, errno, "cannot drop the capabilities of the network's keeper");
}

static void tell_ready(const struct nvb_launch *to)
{
    struct nvb_message ready = { .type = 'R' };

    if (send(to->control, &ready, sizeof(ready), MSG_NOSIGNAL) != (ssize_t)sizeof(ready))
        _exit(125); /* the container is gone */
    (void)close(to->control);
}

/* In processes of their own, which end with this one. */
static void serve_member(const struct nvb_keeper *k,
                         const struct nvb_member_ends *ends,
                         const struct nvb_launch *to)
{
    const struct nvb_membership *m = k->membership;

    if (m->number == 0)
        return;
    for (int i = 0; i < 2; i++) {
        struct clone_args args = { .exit_signal = SIGCHLD };
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

        if (pid < 0)
            nvb_child_die(to, errno, "cannot serve the container's network");
        if (pid > 0)
            continue;
        (void)close(to->control);
        if (fchdir(m->dir_fd) < 0)
            _exit(125);
        if (i == 0)
            nvb_carrier_run(ends->tun_fd, m->socket_fd, m->number);
        nvb_names_serve(ends->names_fd, m->dir_fd, k->uplink->kind == NVB_UPLINK_NONE);
    }
    (void)close(ends->tun_fd);
    (void)close(ends->names_fd);
}

_Noreturn static void keep(const struct nvb_keeper *k)
{
    struct nvb_launch to = { .control = k->report_fd };
    struct nvb_helper helper = NVB_HELPER_INIT;
    struct nvb_member_ends member = { .tun_fd = -1, .names_fd = -1 };

    (void)setsid(); /* what is typed at the caller's terminal is not for us */
    close_all_others(k);
    become_namespace_root(&to, k);
    nvb_helper_start(&helper, k, &to);
    if (setns(k->net_ns_fd, CLONE_NEWNET) < 0)
        nvb_child_die(&to, errno, "cannot enter the container's network");
    keep_capabilities(&to, 1U << CAP_NET_ADMIN);
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    nvb_wiring_begin(k, &member, &to);
    nvb_helper_await(&helper, k, &to);
    keep_capabilities(&to, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)close(k->net_ns_fd);
    (void)close(k->user_ns_fd);
    serve_member(k, &member, &to);
    tell_ready(&to);
    nvb_port_relay_run(k->listeners, k->container_fd);
    _exit(0);
}

/* Between nvbind and the keeper: who enters a user namespace may make a PID namespace, but is itself
 * in neither. It tells the keeper's number, or minus errno, and is gone. */
_Noreturn static void make_keeper(const struct nvb_keeper *k, int answer_fd)
{
    struct clone_args args = { .flags = CLONE_NEWPID | CLONE_PARENT };
    int answer = 0;

    if (setns(k->user_ns_fd, CLONE_NEWUSER) == 0) {
        answer = (int)syscall(SYS_clone3, &args, sizeof(args));
        if (answer == 0)
            keep(k);
    }
    answer = answer > 0 ? answer : -errno;
    (void)!write(answer_fd, &answer, sizeof(answer));
    _exit(0);
}

bool nvb_keeper_start(const struct nvb_keeper *keeper, pid_t *out_pid, struct nvb_err *err)
{
    struct clone_args args = { .exit_signal = SIGCHLD };
    int answer[2] = { -1, -1 };
    int number = 0;
    ssize_t got = 0;
    pid_t pid = 0;

    if (pipe2(answer, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a channel to the network's keeper");
    pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (pid == 0)
        make_keeper(keeper, answer[1]);
    (void)close(answer[1]);
    if (pid > 0) {
        do {
            got = read(answer[0], &number, sizeof(number));
        } while (got < 0 && errno == EINTR);
        (void)waitpid(pid, NULL, 0);
    }
    (void)close(answer[0]);
    if (pid < 0 || got != (ssize_t)sizeof(number) || number <= 0) {
        errno = number < 0 ? -number : pid < 0 ? errno : EPIPE;
        return nvb_fail_errno(err, NVB_D_RUN, "cannot start the network's keeper");
    }
    *out_pid = number;
    return true;
}
