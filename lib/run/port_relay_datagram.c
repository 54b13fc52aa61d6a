/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "run/port_relay_internal.h"

enum {
    PACKETS_A_TURN = 64,
    /* As the kernel's connection tracking has it. */
    IDLE_MS = 30000,
    IDLE_ANSWERED_MS = 180000,
    KEPT_MAX = 1500, /* bytes of a datagram that is kept for the next way */
};

static bool is_same_end(const union nvb_socket_address *a, const union nvb_socket_address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET) {
        return a->ipv4.sin_port == b->ipv4.sin_port &&
               a->ipv4.sin_addr.s_addr == b->ipv4.sin_addr.s_addr;
    }
    return a->ipv6.sin6_port == b->ipv6.sin6_port &&
           a->ipv6.sin6_scope_id == b->ipv6.sin6_scope_id &&
           memcmp(&a->ipv6.sin6_addr, &b->ipv6.sin6_addr, sizeof(a->ipv6.sin6_addr)) == 0;
}

static uint16_t *
bucket_of(struct nvb_port_relay *relay, uint16_t listener, const union nvb_socket_address *client)
{
    /* Clients differ in their ports, mostly. */
    unsigned port =
        client->any.sa_family == AF_INET ? client->ipv4.sin_port : client->ipv6.sin6_port;

    return &relay->buckets[(port ^ port >> 8 ^ listener) % NVB_FLOW_BUCKETS];
}

static void forget_datagram(struct nvb_flow *f)
{
    free(f->kept);
    f->kept = NULL;
}

static void end_flow(struct nvb_port_relay *relay, uint16_t i)
{
    struct nvb_flow *f = &relay->flows[i];
    uint16_t *at = bucket_of(relay, f->listener, &f->client);

    while (*at != i)
        at = &relay->flows[*at].next;
    *at = f->next;
    forget_datagram(f);
    (void)close(f->fd);
    f->fd = -1;
    f->age++;
    relay->n_flows--;
}

static uint64_t idle_ms(const struct nvb_port_relay *relay, const struct nvb_flow *f)
{
    return relay->now_ms - f->used_ms;
}

void nvb_port_relay_forget_old(struct nvb_port_relay *relay)
{
    for (uint16_t i = 0; i < NVB_FLOWS_MAX; i++) {
        const struct nvb_flow *f = &relay->flows[i];

        if (f->fd >= 0 && idle_ms(relay, f) > (f->is_answered ? IDLE_ANSWERED_MS : IDLE_MS))
            end_flow(relay, i);
    }
}

/* A free place; the one that was silent for longest makes room. NVB_NOBODY: streams have all. */
static uint16_t make_place(struct nvb_port_relay *relay)
{
    bool has_room = nvb_port_relay_has_room(relay, 1);
    uint16_t oldest = NVB_NOBODY;

    for (uint16_t i = 0; i < NVB_FLOWS_MAX; i++) {
        if (relay->flows[i].fd < 0 && has_room)
            return i;
        if (relay->flows[i].fd >= 0 &&
            (oldest == NVB_NOBODY || relay->flows[i].used_ms < relay->flows[oldest].used_ms))
            oldest = i;
    }
    if (oldest != NVB_NOBODY)
        end_flow(relay, oldest);
    return oldest;
}

/* By the flow's way, or the next one that is open. */
static bool connect_flow(const struct nvb_port_relay *relay, struct nvb_flow *f)
{
    const struct nvb_listener *l = &relay->listeners->items[f->listener];
    uint16_t i = (uint16_t)(f - relay->flows);
    int fd = -1;

    for (;; f->target++) {
        fd = nvb_port_relay_connect(SOCK_DGRAM, f->target, l->container_port);
        if (fd >= 0 || errno == ENOENT)
            break;
    }
    if (fd >= 0 && nvb_port_relay_watch(relay, fd, EPOLLIN, NVB_PORT_RELAY_FLOW, f->age, i) < 0) {
        (void)close(fd);
        fd = -1;
    }
    if (f->fd >= 0 && fd >= 0)
        (void)close(f->fd);
    f->fd = fd >= 0 ? fd : f->fd;
    return fd >= 0;
}

static struct nvb_flow *
find_flow(struct nvb_port_relay *relay, uint16_t listener, const union nvb_socket_address *client)
{
    uint16_t *bucket = bucket_of(relay, listener, client);
    struct nvb_flow *f = NULL;
    uint16_t place = 0;

    for (uint16_t i = *bucket; i != NVB_NOBODY; i = relay->flows[i].next) {
        f = &relay->flows[i];
        if (f->listener == listener && is_same_end(&f->client, client))
            return f;
    }
    place = make_place(relay);
    if (place == NVB_NOBODY)
        return NULL;
    f = &relay->flows[place];
    *f = (struct nvb_flow){
        .fd = -1, .age = f->age, .next = *bucket, .listener = listener, .client = *client
    };
    if (!connect_flow(relay, f))
        return NULL;
    *bucket = place;
    relay->n_flows++;
    return f;
}

/* Whether there is no server, as far as one can know. The refusal of an earlier datagram that came
 * late takes the place of a send, which then is done again. */
static bool send_is_refused(const struct nvb_flow *f, const unsigned char *datagram, size_t len)
{
    int e = 0;
    socklen_t e_len = sizeof(e);

    if (send(f->fd, datagram, len, 0) < 0 &&
        (errno != ECONNREFUSED || send(f->fd, datagram, len, 0) < 0))
        return errno == ECONNREFUSED;
    return getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &e, &e_len) == 0 && e == ECONNREFUSED;
}

/* False: that was the last way. The server may begin to listen later, so the first comes next. */
static bool take_next_way(const struct nvb_port_relay *relay, struct nvb_flow *f)
{
    f->target++;
    if (connect_flow(relay, f))
        return true;
    f->target = 0;
    (void)connect_flow(relay, f);
    return false;
}

/* A server that does not exist is told by an ICMP message. On this side of the network that is
 * mostly there as soon as the datagram is sent; for when the machine is busy, the datagram is kept
 * until a server answered. */
static void pass_on(const struct nvb_port_relay *relay, struct nvb_flow *f, size_t len)
{
    bool is_refused = send_is_refused(f, relay->datagram, len);

    if (f->is_answered)
        return;
    forget_datagram(f);
    while (is_refused) {
        if (!take_next_way(relay, f))
            return;
        is_refused = send_is_refused(f, relay->datagram, len);
    }
    if (len <= KEPT_MAX && (f->kept = malloc(len ? len : 1))) {
        memcpy(f->kept, relay->datagram, len);
        f->kept_len = len;
    }
}

/* The refusal came after all. */
static void pass_on_kept(const struct nvb_port_relay *relay, struct nvb_flow *f)
{
    bool is_refused = true;

    while (is_refused && f->kept) {
        if (take_next_way(relay, f)) {
            is_refused = send_is_refused(f, f->kept, f->kept_len);
        } else {
            forget_datagram(f);
        }
    }
}

/* Room for either family's struct pktinfo. */
union pktinfo {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void read_arrival(struct msghdr *message, union nvb_socket_address *out)
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);

    *out = (union nvb_socket_address){ 0 };
    if (!header)
        return;
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;

        memcpy(&info, CMSG_DATA(header), sizeof(info));
        out->ipv4.sin_family = AF_INET;
        out->ipv4.sin_addr = info.ipi_addr;
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;

        memcpy(&info, CMSG_DATA(header), sizeof(info));
        out->ipv6.sin6_family = AF_INET6;
        out->ipv6.sin6_addr = info.ipi6_addr;
        out->ipv6.sin6_scope_id = info.ipi6_ifindex;
    }
}

void nvb_port_relay_receive(struct nvb_port_relay *relay, uint16_t listener)
{
    for (unsigned n = 0; n < PACKETS_A_TURN; n++) {
        union nvb_socket_address client = { 0 };
        union nvb_socket_address arrival = { 0 };
        union pktinfo control = { 0 };
        struct iovec iov = { .iov_base = relay->datagram, .iov_len = sizeof(relay->datagram) };
        struct msghdr message = { .msg_name = &client,
                                  .msg_namelen = sizeof(client),
                                  .msg_iov = &iov,
                                  .msg_iovlen = 1,
                                  .msg_control = &control,
                                  .msg_controllen = sizeof(control) };
        ssize_t len = recvmsg(relay->listeners->items[listener].fd, &message, 0);
        struct nvb_flow *f = NULL;

        if (len < 0)
            return;
        read_arrival(&message, &arrival);
        f = find_flow(relay, listener, &client);
        if (!f)
            continue;
        f->used_ms = relay->now_ms;
        f->arrival = arrival;
        pass_on(relay, f, (size_t)len);
    }
}

/* From the address that the client had sent to: it expects the answer from there. */
static size_t put_arrival(const union nvb_socket_address *arrival, struct cmsghdr *header)
{
    if (arrival->any.sa_family == AF_INET) {
        struct in_pktinfo info = { .ipi_spec_dst = arrival->ipv4.sin_addr };

        header->cmsg_level = IPPROTO_IP;
        header->cmsg_type = IP_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(header), &info, sizeof(info));
        return CMSG_SPACE(sizeof(info));
    }
    if (arrival->any.sa_family == AF_INET6) {
        struct in6_pktinfo info = { .ipi6_addr = arrival->ipv6.sin6_addr };

        if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
            info.ipi6_ifindex = arrival->ipv6.sin6_scope_id;
        header->cmsg_level = IPPROTO_IPV6;
        header->cmsg_type = IPV6_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(header), &info, sizeof(info));
        return CMSG_SPACE(sizeof(info));
    }
    return 0;
}

void nvb_port_relay_answer(struct nvb_port_relay *relay, uint16_t flow)
{
    struct nvb_flow *f = &relay->flows[flow];

    for (unsigned n = 0; n < PACKETS_A_TURN; n++) {
        ssize_t len = recv(f->fd, relay->datagram, sizeof(relay->datagram), 0);
        union pktinfo control = { 0 };
        struct iovec iov = { .iov_base = relay->datagram };
        struct msghdr message = {
            .msg_name = &f->client, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control
        };

        if (len < 0 && errno == ECONNREFUSED && f->kept)
            pass_on_kept(relay, f);
        if (len < 0)
            return;
        f->is_answered = true;
        forget_datagram(f);
        f->used_ms = relay->now_ms;
        iov.iov_len = (size_t)len;
        message.msg_namelen =
            f->client.any.sa_family == AF_INET ? sizeof(f->client.ipv4) : sizeof(f->client.ipv6);
        message.msg_controllen = put_arrival(&f->arrival, &control.align);
        (void)sendmsg(relay->listeners->items[f->listener].fd, &message, MSG_DONTWAIT);
    }
}
