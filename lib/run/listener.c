/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "host/port_holder.h"
#include "request/network.h"

enum {
    TRIES_MAX = 32, /* for a number that is free on both loopbacks */
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static const char *protocol_of(const struct nvb_port *port)
{
    return port->is_udp ? "udp" : "tcp";
}

static union socket_address make_address(const char *text, uint16_t number)
{
    union socket_address out = { .any.sa_family = strchr(text, ':') ? AF_INET6 : AF_INET };

    if (out.any.sa_family == AF_INET) {
        (void)inet_pton(AF_INET, text, &out.ipv4.sin_addr);
        out.ipv4.sin_port = htons(number);
    } else {
        (void)inet_pton(AF_INET6, text, &out.ipv6.sin6_addr);
        out.ipv6.sin6_port = htons(number);
    }
    return out;
}

static bool
fail_taken(const struct nvb_port *port, const char *address, unsigned number, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *holder = NULL;

    if (nvb_host_open("/", &host, &ignored))
        holder = nvb_port_holder_dup(host, port->is_udp, address, number);
    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "port %u (%s) of %s is taken%s%s", number,
             protocol_of(port), address, holder ? " by " : "", holder ? holder : "");
    return nvb_hint(err, "choose another, or none for any that is free: -p %u",
                    port->container_port);
}

static bool
fail_bind(const struct nvb_port *port, const char *address, unsigned number, struct nvb_err *err)
{
    int saved = errno;

    if (saved == EADDRINUSE)
        return fail_taken(port, address, number, err);
    if (saved == EACCES) {
        nvb_fail(err, NVB_D_RUN, NVB_E_DENIED, "port %u is not for ordinary users", number);
        return nvb_hint(err,
                        "choose one from 1024 on, or as root: sysctl "
                        "net.ipv4.ip_unprivileged_port_start=%u",
                        number);
    }
    if (saved == EADDRNOTAVAIL) {
        nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "this machine has no address '%s'", address);
        return nvb_hint(err, "see which it has: ip -brief address");
    }
    errno = saved;
    return nvb_fail_errno(err, NVB_D_RUN, "cannot listen on port %u (%s) of %s", number,
                          protocol_of(port), address);
}

/* A socket at that address, or -1 with errno. */
static int open_at(const struct nvb_port *port, const char *text, uint16_t number)
{
    union socket_address address = make_address(text, number);
    bool is_ipv6 = address.any.sa_family == AF_INET6;
    int type = port->is_udp ? SOCK_DGRAM : SOCK_STREAM;
    nvb_autoclose int fd = socket(address.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    if (!port->is_udp)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_ipv6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    /* A datagram must be answered from the address that it came to. */
    if (port->is_udp && is_ipv6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
    if (port->is_udp && !is_ipv6)
        (void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
    if (bind(fd, &address.any, is_ipv6 ? sizeof(address.ipv6) : sizeof(address.ipv4)) < 0 ||
        (!port->is_udp && listen(fd, SOMAXCONN) < 0))
        return -1;
    return nvb_steal_fd(&fd);
}

static uint16_t number_of(int fd)
{
    union socket_address address = { 0 };
    socklen_t len = sizeof(address);

    if (getsockname(fd, &address.any, &len) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET ? address.ipv4.sin_port : address.ipv6.sin6_port);
}

static void add(struct nvb_listeners *out, const struct nvb_port *port, uint16_t i, int take_fd)
{
    union socket_address address = { 0 };
    socklen_t len = sizeof(address);

    (void)getsockname(take_fd, &address.any, &len);
    out->items = nvb_xrealloc(out->items, out->n + 1, sizeof(*out->items));
    out->items[out->n++] = (struct nvb_listener){
        .fd = take_fd,
        .family = address.any.sa_family,
        .is_udp = port->is_udp,
        .container_port = (uint16_t)(port->container_port + i),
    };
}

/* Of the two loopbacks one may not exist: a machine can be without IPv6. */
static bool is_dispensable(const struct nvb_port *port, size_t i, int e)
{
    return !port->address && i > 0 && (e == EADDRNOTAVAIL || e == EAFNOSUPPORT);
}

/* The port `i` of a range, at the number that the user named. */
static bool
open_one(struct nvb_listeners *out, const struct nvb_port *port, uint16_t i, struct nvb_err *err)
{
    const char *addresses[2];
    size_t n = nvb_port_addresses(port, addresses);
    uint16_t number = (uint16_t)(port->host_port + i);

    for (size_t k = 0; k < n; k++) {
        int fd = open_at(port, addresses[k], number);

        if (fd < 0 && is_dispensable(port, k, errno))
            continue;
        if (fd < 0)
            return fail_bind(port, addresses[k], number, err);
        add(out, port, i, fd);
    }
    return true;
}

/* The kernel chooses for the first address; the others must have the same number. */
static bool open_anywhere(struct nvb_listeners *out,
                          const struct nvb_port *port,
                          uint16_t *out_number,
                          struct nvb_err *err)
{
    const char *addresses[2];
    size_t n = nvb_port_addresses(port, addresses);

    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        nvb_autoclose int first = open_at(port, addresses[0], 0);
        nvb_autoclose int second = -1;

        if (first < 0)
            return fail_bind(port, addresses[0], 0, err);
        *out_number = number_of(first);
        if (n > 1)
            second = open_at(port, addresses[1], *out_number);
        if (n > 1 && second < 0 && !is_dispensable(port, 1, errno))
            continue;
        add(out, port, 0, nvb_steal_fd(&first));
        if (second >= 0)
            add(out, port, 0, nvb_steal_fd(&second));
        return true;
    }
    errno = EADDRINUSE;
    return fail_bind(port, addresses[n - 1], *out_number, err);
}

static bool is_everywhere(const struct nvb_port *port)
{
    union socket_address address = make_address(port->address ? port->address : "::1", 0);

    if (address.any.sa_family == AF_INET)
        return address.ipv4.sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&address.ipv6.sin6_addr);
}

static void give_notice(const struct nvb_port *port, uint16_t number, struct nvb_strv *notices)
{
    const char *address = port->address ? port->address : "127.0.0.1";

    if (port->host_port == 0) {
        nvb_strv_addf(notices, "port %u/%s of the container is port %u of %s", port->container_port,
                      protocol_of(port), number, address);
    }
    if (is_everywhere(port)) {
        nvb_strv_addf(notices,
                      "port %u/%s is open to other machines: %s is every address of this one",
                      number, protocol_of(port), address);
    }
}

bool nvb_listeners_open(const struct nvb_port *ports,
                        size_t n_ports,
                        struct nvb_listeners *out,
                        struct nvb_strv *notices,
                        struct nvb_err *err)
{
    *out = (struct nvb_listeners){ 0 };
    for (size_t i = 0; i < n_ports; i++) {
        const struct nvb_port *port = &ports[i];
        uint16_t number = port->host_port;
        bool ok = true;

        if (number == 0)
            ok = open_anywhere(out, port, &number, err);
        for (uint16_t k = 0; port->host_port && k < port->count && ok; k++)
            ok = open_one(out, port, k, err);
        if (!ok) {
            nvb_listeners_close(out);
            return nvb_while(err, "cannot publish port %u of the container", port->container_port);
        }
        give_notice(port, number, notices);
    }
    return true;
}

void nvb_listeners_close(struct nvb_listeners *listeners)
{
    for (size_t i = 0; i < listeners->n; i++)
        (void)close(listeners->items[i].fd);
    free(listeners->items);
    *listeners = (struct nvb_listeners){ 0 };
}
