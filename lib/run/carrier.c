/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/carrier.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "oci/address.h"

enum {
    PACKET_MAX = 65536,
    PACKETS_A_TURN = 64,
    RETRY_MS = 1,
    RETRIES = 20, /* a member that does not listen for so long loses packets */
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    IPV4_SOURCE = 12,
    IPV4_DESTINATION = 16,
    IPV6_SOURCE = 8,
    IPV6_DESTINATION = 24,
};

/* The number in an address of the network, 0 in any other. */
static unsigned number_in(const unsigned char *address, bool is_ipv6)
{
    static const unsigned char ipv4[3] = { 10, 78, 87 };
    static const unsigned char ipv6[15] = { 0xfd, 0x4e, 0x56, 0x42, 0x4e, 0x45 };
    const unsigned char *prefix = is_ipv6 ? ipv6 : ipv4;
    size_t len = is_ipv6 ? sizeof(ipv6) : sizeof(ipv4);

    if (memcmp(address, prefix, len) != 0 || address[len] > NVB_MEMBERS_MAX)
        return 0;
    return address[len];
}

bool nvb_carrier_read_ends(const unsigned char *packet,
                           size_t len,
                           unsigned *out_from,
                           unsigned *out_to)
{
    unsigned version = len > 0 ? packet[0] >> 4 : 0;

    if (version == 4 && len >= IPV4_HEADER) {
        *out_from = number_in(packet + IPV4_SOURCE, false);
        *out_to = number_in(packet + IPV4_DESTINATION, false);
    } else if (version == 6 && len >= IPV6_HEADER) {
        *out_from = number_in(packet + IPV6_SOURCE, true);
        *out_to = number_in(packet + IPV6_DESTINATION, true);
    } else {
        return false;
    }
    return *out_from > 0 && *out_to > 0 && *out_from != *out_to;
}

struct carrier {
    int tun_fd;
    int socket_fd;
    unsigned number;
    size_t waiting_len; /* of the packet that its member had no room for; 0 = none */
    unsigned waiting_to;
    unsigned n_tries;
    unsigned char waiting[PACKET_MAX];
    unsigned char arriving[PACKET_MAX];
};

/* False when its member has no room for it at present. */
static bool send_packet(const struct carrier *c)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };

    (void)snprintf(to.sun_path, sizeof(to.sun_path), "%u", c->waiting_to);
    if (sendto(c->socket_fd, c->waiting, c->waiting_len, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)&to, sizeof(to)) >= 0)
        return true;
    return errno != EAGAIN && errno != ENOBUFS; /* nobody is there: nobody misses it */
}

static void carry_out(struct carrier *c)
{
    for (unsigned n = 0; n < PACKETS_A_TURN && c->waiting_len == 0; n++) {
        ssize_t len = read(c->tun_fd, c->waiting, sizeof(c->waiting));
        unsigned from = 0;

        if (len <= 0)
            return;
        if (!nvb_carrier_read_ends(c->waiting, (size_t)len, &from, &c->waiting_to) ||
            from != c->number)
            continue;
        c->waiting_len = (size_t)len;
        c->n_tries = 0;
        if (send_packet(c))
            c->waiting_len = 0;
    }
}

/* Its last component is the number, since that is what it bound. */
static unsigned number_of(const struct sockaddr_un *sender)
{
    const char *slash = strrchr(sender->sun_path, '/');
    unsigned number = 0;

    for (const char *p = slash ? slash + 1 : sender->sun_path; *p; p++) {
        if (*p < '0' || *p > '9' || number > NVB_MEMBERS_MAX)
            return 0;
        number = number * 10 + (unsigned)(*p - '0');
    }
    return number;
}

static void carry_in(struct carrier *c)
{
    for (unsigned n = 0; n < PACKETS_A_TURN; n++) {
        struct sockaddr_un sender = { 0 };
        socklen_t sender_len = sizeof(sender) - 1;
        ssize_t len = recvfrom(c->socket_fd, c->arriving, sizeof(c->arriving), MSG_DONTWAIT,
                               (struct sockaddr *)&sender, &sender_len);
        unsigned from = 0;
        unsigned to = 0;

        if (len < 0)
            return;
        if (nvb_carrier_read_ends(c->arriving, (size_t)len, &from, &to) && to == c->number &&
            from == number_of(&sender))
            (void)!write(c->tun_fd, c->arriving, (size_t)len);
    }
}

static void retry(struct carrier *c)
{
    if (c->waiting_len > 0 && (send_packet(c) || ++c->n_tries > RETRIES))
        c->waiting_len = 0;
}

void nvb_carrier_run(int tun_fd, int socket_fd, unsigned number)
{
    struct carrier c = { .tun_fd = tun_fd, .socket_fd = socket_fd, .number = number };

    for (;;) {
        struct pollfd polled[] = {
            {.fd = socket_fd,                        .events = POLLIN},
            { .fd = c.waiting_len > 0 ? -1 : tun_fd, .events = POLLIN},
        };

        if (poll(polled, 2, c.waiting_len > 0 ? RETRY_MS : -1) < 0 && errno != EINTR)
            _exit(125);
        if (polled[1].revents & (POLLERR | POLLHUP))
            _exit(0);
        carry_in(&c);
        retry(&c);
        carry_out(&c);
    }
}
