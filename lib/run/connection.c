/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/address.h"
#include "request/network.h"
#include "run/keeper.h"
#include "run/link.h"

struct nvb_connection {
    struct nvb_uplink uplink;
    struct nvb_fence fence;
    struct nvb_listeners listeners;
    struct nvb_membership membership;
    bool is_started; /* there was a keeper */
    bool is_range;
    bool is_fence_dispensable;
    int report[2]; /* pid 1's end, the keeper's */
    pid_t keeper;  /* 0 = none */
};

/* What lies behind the helper's own addresses is the machine's loopback in some versions, so these
 * are fenced off in any case, but for name service. pasta does well without. */
static void
make_fence(struct nvb_connection *n, enum nvb_network wish, const struct nvb_interfaces *interfaces)
{
    if (wish == NVB_NETWORK_INTERNET) {
        nvb_fence_make(interfaces, &n->fence);
        return;
    }
    nvb_fence_make_small(&n->fence);
    n->is_fence_dispensable = n->uplink.kind == NVB_UPLINK_PASTA;
}

static bool prepare_uplink(struct nvb_connection *n, enum nvb_network wish, struct nvb_err *err)
{
    nvb_auto_interfaces interfaces = { 0 };

    nvb_interfaces_read(&interfaces);
    if (!nvb_uplink_find(getenv("PATH"), &interfaces, n->is_range, &n->uplink, err))
        return nvb_while(err, "cannot make the network '%s'", nvb_network_name(wish));
    make_fence(n, wish, &interfaces);
    return true;
}

static bool join(struct nvb_connection *n, const struct nvb_container *c, struct nvb_err *err)
{
    return nvb_uplink_check_tun(n->is_range, err) &&
           nvb_membership_take(c->joined, &c->names, n->is_range, &n->membership, err);
}

static void tell_of_fence(const struct nvb_container *c, struct nvb_strv *notices)
{
    static const uint64_t admin = UINT64_C(1) << CAP_NET_ADMIN;
    static const uint64_t raw = UINT64_C(1) << CAP_NET_RAW;

    if (c->network != NVB_NETWORK_INTERNET || !(c->capabilities & (admin | raw)))
        return;
    nvb_strv_addf(
        notices,
        "with the capability %s the container can pass the fence between it and the local "
        "network",
        c->capabilities & admin ? "NET_ADMIN" : "NET_RAW");
}

bool nvb_connection_prepare(const struct nvb_container *c,
                            bool is_range,
                            struct nvb_strv *notices,
                            struct nvb_connection **out,
                            struct nvb_err *err)
{
    struct nvb_connection *n = NULL;

    *out = NULL;
    if (c->network == NVB_NETWORK_HOST ||
        (!nvb_network_has_uplink(c->network) && c->n_ports == 0 && !c->joined))
        return true;
    n = nvb_xcalloc(1, sizeof(*n));
    *n = (struct nvb_connection){
        .is_range = is_range, .report = {-1, -1},
             .membership = NVB_MEMBERSHIP_INIT
    };
    *out = n;
    tell_of_fence(c, notices);
    if (!nvb_listeners_open(c->ports, c->n_ports, &n->listeners, notices, err))
        return false;
    if (nvb_network_has_uplink(c->network) && !prepare_uplink(n, c->network, err))
        return false;
    if (c->joined && !join(n, c, err))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, n->report) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a channel to the network's keeper");
    return true;
}

static int open_namespace(pid_t pid, const char *kind)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool nvb_connection_start(struct nvb_connection *n, pid_t pid, int pid_fd, struct nvb_err *err)
{
    nvb_autoclose int user_ns_fd = -1;
    nvb_autoclose int net_ns_fd = -1;
    nvb_autoclose int null_fd = -1;
    struct nvb_keeper keeper = { 0 };

    if (!n)
        return true;
    user_ns_fd = open_namespace(pid, "user");
    net_ns_fd = open_namespace(pid, "net");
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (user_ns_fd < 0 || net_ns_fd < 0 || null_fd < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open the container's network");
    keeper = (struct nvb_keeper){
        .uplink = &n->uplink,
        .fence = &n->fence,
        .listeners = &n->listeners,
        .membership = &n->membership,
        .is_range = n->is_range,
        .is_fence_dispensable = n->is_fence_dispensable,
        .user_ns_fd = user_ns_fd,
        .net_ns_fd = net_ns_fd,
        .container_fd = pid_fd,
        .null_fd = null_fd,
        .report_fd = n->report[1],
    };
    if (!nvb_keeper_start(&keeper, &n->keeper, err))
        return false;
    n->is_started = true;
    /* The keeper's copies are what counts now: its end is then the end of both. */
    nvb_listeners_close(&n->listeners);
    (void)close(n->report[1]);
    n->report[1] = -1;
    return true;
}

static void bring_loopback_up(const struct nvb_launch *launch)
{
    struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = 0;

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        nvb_child_die(launch, errno, "cannot bring the loopback interface up");
    (void)close(fd);
}

static void await_keeper(const struct nvb_launch *launch)
{
    const struct nvb_connection *n = launch->connection;
    struct nvb_message message = { 0 };
    ssize_t got = 0;

    (void)close(n->report[1]);
    do {
        got = recv(n->report[0], &message, sizeof(message), 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof(message))
        nvb_child_die(launch, 0, "the keeper of the container's network is gone");
    if (message.type == 'R')
        return;
    (void)send(launch->control, &message, sizeof(message), MSG_NOSIGNAL);
    _exit(125);
}

void nvb_child_connect(const struct nvb_launch *launch)
{
    if (launch->connection)
        await_keeper(launch);
    else if (launch->container->network != NVB_NETWORK_HOST)
        bring_loopback_up(launch);
}

void nvb_connection_end(struct nvb_connection *n)
{
    if (!n)
        return;
    if (n->keeper > 0) {
        (void)kill(n->keeper, SIGKILL);
        (void)waitpid(n->keeper, NULL, 0); /* and with it all that it started */
    }
    nvb_listeners_close(&n->listeners);
    if (n->is_started && n->keeper == 0)
        nvb_membership_let_go(&n->membership); /* the container goes on, and stays a member */
    else
        nvb_membership_end(&n->membership);
    nvb_fence_clear(&n->fence);
    nvb_uplink_clear(&n->uplink);
    for (size_t i = 0; i < 2; i++) {
        if (n->report[i] >= 0)
            (void)close(n->report[i]);
    }
    free(n);
}

void nvb_connection_let_go(struct nvb_connection *n)
{
    if (n)
        n->keeper = 0;
    nvb_connection_end(n);
}
