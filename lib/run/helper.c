/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/address.h"
#include "run/init.h"
#include "run/link.h"
#include "run/phases.h"
#include "run/wiring.h"

enum {
    PATIENCE_MS = 10000,
    TALK_MAX = 4096,
    PLACES_FROM = 64, /* above what the helper is given */
};

/* Where it was before the number was lowest: so that no dup2() below lands on one of the others. */
static int lift(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, PLACES_FROM);
}

/* Its executable has no file capabilities and its user is not root: only ambient ones pass execve. */
static void keep_capabilities(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

    if (syscall(SYS_capget, &header, data) < 0)
        return;
    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        data[i].inheritable = data[i].permitted;
    (void)syscall(SYS_capset, &header, data);
    for (unsigned long cap = 0; cap < 64; cap++)
        (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

struct ends {
    int go[2];
    int ready[2];
    int talk[2];
};

_Noreturn static void become_helper(const struct nvb_keeper *k, const struct ends *ends)
{
    int go = lift(ends->go[0]);
    int ready = lift(ends->ready[1]);
    int talk = lift(ends->talk[1]);
    int net = lift(k->net_ns_fd);
    char keeper[32] = "";

    /* The keeper is our parent, which is the first process of this namespace; in /proc it has the
     * number of an outer one. */
    (void)close(ends->go[1]);
    if (read(go, keeper, sizeof(keeper) - 1) <= 0)
        _exit(125);
    (void)dup2(talk, STDERR_FILENO);
    if (k->uplink->kind == NVB_UPLINK_SLIRP)
        (void)dup2(ready, NVB_UPLINK_READY_FD);
    keep_capabilities();
    nvb_reset_signals();
    nvb_uplink_execute(k->uplink, net, keeper);
    (void)dprintf(STDERR_FILENO, "it cannot be executed: %s\n", strerrordesc_np(errno));
    _exit(127);
}

void nvb_helper_start(struct nvb_helper *h, const struct nvb_keeper *k, const struct nvb_launch *to)
{
    struct ends ends;
    struct clone_args args = {
        .flags = CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&h->process_fd,
        .exit_signal = SIGCHLD,
    };

    if (k->uplink->kind == NVB_UPLINK_NONE)
        return;
    if (pipe2(ends.go, O_CLOEXEC) < 0 || pipe2(ends.ready, O_CLOEXEC) < 0 ||
        pipe2(ends.talk, O_CLOEXEC | O_NONBLOCK) < 0)
        nvb_child_die(to, errno, "cannot make a channel to '%s'", k->uplink->path);
    h->pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (h->pid == 0)
        become_helper(k, &ends);
    if (h->pid < 0)
        nvb_child_die(to, errno, "cannot start '%s'", k->uplink->path);
    (void)close(ends.go[0]);
    (void)close(ends.ready[1]);
    (void)close(ends.talk[1]);
    h->go_fd = ends.go[1];
    h->ready_fd = ends.ready[0];
    h->talk_fd = ends.talk[0];
}

static void go_on(struct nvb_helper *h)
{
    char self[32] = "";

    if (readlink("/proc/self", self, sizeof(self) - 1) > 0)
        (void)!write(h->go_fd, self, sizeof(self));
    (void)close(h->go_fd);
    h->go_fd = -1;
}

/* The last line that it said, without the time that some versions put before it. */
static const char *last_words(const struct nvb_helper *h, char text[TALK_MAX])
{
    ssize_t len = read(h->talk_fd, text, TALK_MAX - 1);
    char *line = text;

    text[len > 0 ? len : 0] = '\0';
    for (char *p = text; *p; p++) {
        if (*p != '\n')
            continue;
        *p = '\0';
        if (p[1])
            line = p + 1;
    }
    if (line[strspn(line, "0123456789.")] == ':')
        line += strspn(line, "0123456789.: ");
    return *line ? line : "it said nothing";
}

_Noreturn static void die_of_helper(const struct nvb_helper *h,
                                    const struct nvb_keeper *k,
                                    const struct nvb_launch *to,
                                    const char *what)
{
    char text[TALK_MAX];

    nvb_child_die_kind(to, NVB_E_IO, "try it alone, as: pasta --config-net true", "'%s' %s: %s",
                       k->uplink->path, what, last_words(h, text));
}

/* pasta leaves a process behind that carries the packets; slirp4netns stays as it is. */
static bool has_ended_well(const struct nvb_helper *h)
{
    int status = 0;

    return waitpid(h->pid, &status, 0) == h->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

enum {
    POLL_CONTAINER = 0,
    POLL_PROCESS,
    POLL_READY,
    POLL_LINK,
    POLL_COUNT,
};

/* The helper's news: true when it is ready. */
static bool hear(const struct nvb_helper *h,
                 const struct nvb_keeper *k,
                 const struct nvb_launch *to,
                 const struct pollfd polled[POLL_COUNT])
{
    char c = 0;

    if (polled[POLL_CONTAINER].revents)
        _exit(125);
    if ((polled[POLL_READY].revents & POLLIN) && read(h->ready_fd, &c, 1) == 1)
        return true;
    if (!polled[POLL_PROCESS].revents)
        return false;
    if (!has_ended_well(h) || k->uplink->kind == NVB_UPLINK_SLIRP)
        die_of_helper(h, k, to, "has ended");
    return true;
}

void nvb_helper_await(struct nvb_helper *h, const struct nvb_keeper *k, const struct nvb_launch *to)
{
    uint64_t end_ns = nvb_clock_ns() + (uint64_t)PATIENCE_MS * 1000000;
    struct nvb_netlink links;
    bool is_slirp = k->uplink->kind == NVB_UPLINK_SLIRP;
    bool is_ready = false;
    unsigned interface = 0;

    if (h->process_fd < 0)
        return;
    if (nvb_netlink_open(&links, NETLINK_ROUTE, RTMGRP_LINK) < 0)
        nvb_child_die(to, errno, "cannot watch the container's interfaces");
    go_on(h);
    while (!is_ready || !interface) {
        struct pollfd polled[POLL_COUNT] = {
            [POLL_CONTAINER] = {.fd = k->container_fd,                           .events = POLLIN},
            [POLL_PROCESS] = { .fd = is_ready ? -1 : h->process_fd,            .events = POLLIN},
            [POLL_READY] = { .fd = is_slirp && !is_ready ? h->ready_fd : -1, .events = POLLIN},
            [POLL_LINK] = { .fd = interface ? -1 : links.fd,                .events = POLLIN},
        };

        if (nvb_clock_ns() > end_ns)
            die_of_helper(h, k, to, "is not ready after 10 seconds");
        if (poll(polled, POLL_COUNT, PATIENCE_MS) < 0 && errno != EINTR)
            nvb_child_die(to, errno, "cannot wait for '%s'", k->uplink->path);
        if (polled[POLL_LINK].revents) {
            interface = nvb_link_hear_of(&links, NVB_INTERFACE);
            if (interface)
                nvb_wiring_connect(k, interface, to);
        }
        is_ready = is_ready || hear(h, k, to, polled);
    }
    nvb_netlink_close(&links);
}
