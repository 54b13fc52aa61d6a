/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/port_relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "oci/address.h"
#include "run/port_relay_internal.h"

enum {
    EVENTS_MAX = 64,
    TICK_MS = 5000,
    PAUSE_MS = 500, /* then the listeners are asked again, whatever was in the way */
    OTHER_FDS = 16, /* what else is open: the lowest three, epoll, the container's */
};

/* In the order in which they are tried. A container without IPv6 lacks the address to come from. */
static const struct {
    const char *from;
    const char *to;
} targets[] = {
    {NVB_IPV4_OWN,  NVB_IPV4_OWN},
    { NVB_IPV4_OWN, "127.0.0.1" },
    { NVB_IPV6_OWN, NVB_IPV6_OWN},
    { NVB_IPV6_OWN, "::1"       },
};

static void set_address(union nvb_socket_address *out, int family, const char *text, uint16_t port)
{
    *out = (union nvb_socket_address){ .any.sa_family = (sa_family_t)family };
    if (family == AF_INET) {
        (void)inet_pton(family, text, &out->ipv4.sin_addr);
        out->ipv4.sin_port = htons(port);
    } else {
        (void)inet_pton(family, text, &out->ipv6.sin6_addr);
        out->ipv6.sin6_port = htons(port);
    }
}

int nvb_port_relay_connect(int type, unsigned target, uint16_t port)
{
    union nvb_socket_address from;
    union nvb_socket_address to;
    int family = target < 2 ? AF_INET : AF_INET6;
    socklen_t len = family == AF_INET ? sizeof(to.ipv4) : sizeof(to.ipv6);
    nvb_autoclose int fd = -1;
    int on = 1;

    if (target >= sizeof(targets) / sizeof(targets[0])) {
        errno = ENOENT;
        return -1;
    }
    fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_address(&from, family, targets[target].from, 0);
    set_address(&to, family, targets[target].to, port);
    /* Its port is chosen when the goal is known: else there would be but one for all goals. */
    if (type == SOCK_STREAM)
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(fd, &from.any, len) < 0)
        return -1;
    if (connect(fd, &to.any, len) < 0 && errno != EINPROGRESS)
        return -1;
    return nvb_steal_fd(&fd);
}

int nvb_port_relay_watch(const struct nvb_port_relay *relay,
                         int fd,
                         uint32_t events,
                         enum nvb_port_relay_kind kind,
                         uint16_t age,
                         uint16_t i)
{
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)kind << 32 | (uint64_t)age << 16 | i,
    };

    return epoll_ctl(relay->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void nvb_port_relay_pause(struct nvb_port_relay *relay, bool is_paused)
{
    if (relay->is_paused == is_paused)
        return;
    relay->is_paused = is_paused;
    for (size_t i = 0; i < relay->listeners->n; i++) {
        struct epoll_event event = {
            .events = is_paused ? 0U : (uint32_t)EPOLLIN,
            .data.u64 = (uint64_t)NVB_PORT_RELAY_LISTENER << 32 | i,
        };

        if (!relay->listeners->items[i].is_udp)
            (void)epoll_ctl(relay->epoll_fd, EPOLL_CTL_MOD, relay->listeners->items[i].fd, &event);
    }
}

static bool dispatch(struct nvb_port_relay *relay, uint64_t data)
{
    enum nvb_port_relay_kind kind = (enum nvb_port_relay_kind)(data >> 32);
    uint16_t age = (uint16_t)(data >> 16);
    uint16_t i = (uint16_t)data;

    switch (kind) {
    case NVB_PORT_RELAY_STOP:
        return false;
    case NVB_PORT_RELAY_LISTENER:
        if (relay->listeners->items[i].is_udp)
            nvb_port_relay_receive(relay, i);
        else
            nvb_port_relay_accept(relay, i);
        break;
    case NVB_PORT_RELAY_STREAM:
        if (relay->streams[i].is_used && relay->streams[i].age == age)
            nvb_port_relay_pump(relay, i);
        break;
    case NVB_PORT_RELAY_FLOW:
        if (relay->flows[i].fd >= 0 && relay->flows[i].age == age)
            nvb_port_relay_answer(relay, i);
        break;
    }
    return true;
}

/* Those who had more to do have another turn, after the news of the others. */
static void serve_queue(struct nvb_port_relay *relay)
{
    for (unsigned n = relay->n_queued; n > 0; n--) {
        uint16_t i = relay->queue[relay->queue_first];

        relay->queue_first = (relay->queue_first + 1) % NVB_STREAMS_MAX;
        relay->n_queued--;
        relay->streams[i].is_queued = false;
        if (relay->streams[i].is_used)
            nvb_port_relay_pump(relay, i);
    }
}

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int timeout_of(const struct nvb_port_relay *relay)
{
    if (relay->n_queued > 0)
        return 0;
    if (relay->is_paused)
        return PAUSE_MS;
    return relay->n_flows > 0 ? TICK_MS : -1;
}

static void relay_until_stop(struct nvb_port_relay *relay)
{
    for (;;) {
        struct epoll_event events[EVENTS_MAX];
        int n = epoll_wait(relay->epoll_fd, events, EVENTS_MAX, timeout_of(relay));

        if (n < 0 && errno != EINTR)
            return;
        relay->now_ms = now_ms();
        for (int i = 0; i < n; i++) {
            if (!dispatch(relay, events[i].data.u64))
                return;
        }
        serve_queue(relay);
        if (relay->n_flows > 0)
            nvb_port_relay_forget_old(relay);
        if (n == 0)
            nvb_port_relay_pause(relay, false);
    }
}

bool nvb_port_relay_has_room(const struct nvb_port_relay *relay, unsigned n_fds)
{
    return relay->n_streams * NVB_STREAM_FDS + relay->n_flows + n_fds <= relay->n_fds;
}

/* The usual soft limit of 1024 is for programs with select(2). */
static unsigned raise_nofile(void)
{
    struct rlimit limit = { .rlim_cur = 1024, .rlim_max = 1024 };

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max < INT32_MAX ? (unsigned)limit.rlim_max : INT32_MAX;
}

static void init(struct nvb_port_relay *relay)
{
    unsigned n_fds = raise_nofile();
    unsigned n_others = (unsigned)relay->listeners->n + OTHER_FDS;

    relay->n_fds = n_fds > n_others ? n_fds - n_others : 0;
    for (size_t i = 0; i < NVB_FLOW_BUCKETS; i++)
        relay->buckets[i] = NVB_NOBODY;
    for (size_t i = 0; i < NVB_FLOWS_MAX; i++)
        relay->flows[i].fd = -1;
}

static void wait_for(int stop_fd)
{
    struct pollfd polled = { .fd = stop_fd, .events = POLLIN };

    while (poll(&polled, 1, -1) < 0 && errno == EINTR)
        continue;
}

void nvb_port_relay_run(const struct nvb_listeners *listeners, int stop_fd)
{
    struct nvb_port_relay *relay = NULL;
    bool ok = true;

    if (listeners->n == 0) {
        wait_for(stop_fd);
        return;
    }
    relay = mmap(NULL, sizeof(*relay), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (relay == MAP_FAILED)
        return;
    relay->listeners = listeners;
    relay->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    init(relay);
    ok = nvb_port_relay_watch(relay, stop_fd, EPOLLIN, NVB_PORT_RELAY_STOP, 0, 0) == 0;
    for (size_t i = 0; i < listeners->n && ok; i++) {
        ok = nvb_port_relay_watch(relay, listeners->items[i].fd, EPOLLIN, NVB_PORT_RELAY_LISTENER,
                                  0, (uint16_t)i) == 0;
    }
    if (ok)
        relay_until_stop(relay);
    (void)close(relay->epoll_fd);
    (void)munmap(relay, sizeof(*relay));
}
