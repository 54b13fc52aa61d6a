/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    PATIENCE_S = 5, /* the kernel answers within a call; only a broken one does not */
};

int nvb_netlink_open(struct nvb_netlink *nl, int protocol, unsigned groups)
{
    struct sockaddr_nl self = { .nl_family = AF_NETLINK, .nl_groups = groups };
    struct timeval patience = { .tv_sec = PATIENCE_S };

    nl->sequence = 0;
    nl->n_answers = 0;
    nl->len = 0;
    nl->is_overfull = false;
    nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (nl->fd < 0)
        return -1;
    (void)setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return bind(nl->fd, (const struct sockaddr *)&self, sizeof(self));
}

void nvb_netlink_close(struct nvb_netlink *nl)
{
    if (nl->fd >= 0)
        (void)close(nl->fd);
    nl->fd = -1;
}

bool nvb_netlink_has_room(const struct nvb_netlink *nl, size_t len)
{
    return nl->len + len <= sizeof(nl->data);
}

/* Room for `len` bytes and what aligns them, all zero; NULL when there is none. */
static unsigned char *reserve(struct nvb_netlink *nl, size_t len)
{
    unsigned char *at = nl->data + nl->len;

    if (!nvb_netlink_has_room(nl, NLMSG_ALIGN(len))) {
        nl->is_overfull = true;
        return NULL;
    }
    memset(at, 0, NLMSG_ALIGN(len));
    nl->len += NLMSG_ALIGN(len);
    return at;
}

static void update_length(struct nvb_netlink *nl)
{
    uint32_t len = (uint32_t)(nl->len - nl->message);

    memcpy(nl->data + nl->message, &len, sizeof(len)); /* nlmsg_len comes first */
}

void nvb_netlink_begin(struct nvb_netlink *nl,
                       unsigned type,
                       unsigned flags,
                       const void *header,
                       size_t len)
{
    struct nlmsghdr message = {
        .nlmsg_type = (uint16_t)type,
        .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
        .nlmsg_seq = ++nl->sequence,
    };
    size_t start = nl->len;
    unsigned char *at = reserve(nl, sizeof(message) + len);

    if (!at)
        return;
    nl->message = start;
    memcpy(at, &message, sizeof(message));
    memcpy(at + sizeof(message), header, len);
    if (flags & NLM_F_ACK)
        nl->n_answers++;
    update_length(nl);
}

void nvb_netlink_add(struct nvb_netlink *nl, unsigned type, const void *data, size_t len)
{
    struct nlattr attribute = {
        .nla_len = (uint16_t)(sizeof(attribute) + len),
        .nla_type = (uint16_t)type,
    };
    unsigned char *at = reserve(nl, sizeof(attribute) + len);

    if (!at)
        return;
    memcpy(at, &attribute, sizeof(attribute));
    if (len > 0)
        memcpy(at + sizeof(attribute), data, len);
    update_length(nl);
}

void nvb_netlink_add_u32(struct nvb_netlink *nl, unsigned type, uint32_t value)
{
    nvb_netlink_add(nl, type, &value, sizeof(value));
}

void nvb_netlink_add_be32(struct nvb_netlink *nl, unsigned type, uint32_t value)
{
    nvb_netlink_add_u32(nl, type, htonl(value));
}

void nvb_netlink_add_str(struct nvb_netlink *nl, unsigned type, const char *text)
{
    nvb_netlink_add(nl, type, text, strlen(text) + 1);
}

size_t nvb_netlink_nest(struct nvb_netlink *nl, unsigned type)
{
    size_t mark = nl->len;

    nvb_netlink_add(nl, type | NLA_F_NESTED, NULL, 0);
    return mark;
}

void nvb_netlink_nest_end(struct nvb_netlink *nl, size_t mark)
{
    uint16_t len = (uint16_t)(nl->len - mark);

    if (!nl->is_overfull)
        memcpy(nl->data + mark, &len, sizeof(len)); /* nla_len comes first */
}

/* How many answers are in these bytes, or -1 with the errno that one of them has. */
static int count_answers(const unsigned char *data, size_t len)
{
    int n = 0;

    while (len >= NLMSG_HDRLEN + sizeof(int32_t)) {
        struct nlmsghdr message;
        int32_t error = 0;

        memcpy(&message, data, sizeof(message));
        if (message.nlmsg_len < NLMSG_HDRLEN || message.nlmsg_len > len)
            break;
        memcpy(&error, data + NLMSG_HDRLEN, sizeof(error));
        if (message.nlmsg_type == NLMSG_ERROR) {
            if (error != 0) {
                errno = -error;
                return -1;
            }
            n++;
        }
        len -= NLMSG_ALIGN(message.nlmsg_len) < len ? NLMSG_ALIGN(message.nlmsg_len) : len;
        data += NLMSG_ALIGN(message.nlmsg_len);
    }
    return n;
}

static int hear_answers(struct nvb_netlink *nl, unsigned n_wanted)
{
    while (n_wanted > 0) {
        unsigned char data[8192] __attribute__((aligned(8)));
        ssize_t got = recv(nl->fd, data, sizeof(data), 0);
        int n = 0;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        n = count_answers(data, (size_t)got);
        if (n < 0)
            return -1;
        n_wanted -= (unsigned)n < n_wanted ? (unsigned)n : n_wanted;
    }
    return 0;
}

static void want_answer(struct nvb_netlink *nl)
{
    struct nlmsghdr message;

    memcpy(&message, nl->data + nl->message, sizeof(message));
    message.nlmsg_flags |= NLM_F_ACK;
    memcpy(nl->data + nl->message, &message, sizeof(message));
    nl->n_answers = 1;
}

int nvb_netlink_send(struct nvb_netlink *nl)
{
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    unsigned n_wanted = 0;
    size_t len = nl->len;
    ssize_t sent = 0;

    if (len == 0)
        return 0;
    if (nl->n_answers == 0)
        want_answer(nl);
    n_wanted = nl->n_answers;
    nl->n_answers = 0;
    nl->len = 0;
    if (nl->is_overfull) {
        nl->is_overfull = false;
        errno = EMSGSIZE;
        return -1;
    }
    do {
        sent = sendto(nl->fd, nl->data, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : hear_answers(nl, n_wanted);
}
