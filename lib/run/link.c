/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

struct nvb_address nvb_link_address(const char *text, unsigned prefix_len)
{
    struct nvb_address out = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

    out.prefix_len = prefix_len;
    (void)inet_pton(out.family, text, out.bytes);
    return out;
}

static size_t size_of(const struct nvb_address *address)
{
    return address->family == AF_INET ? 4 : 16;
}

void nvb_link_up(struct nvb_netlink *nl, unsigned index, unsigned mtu)
{
    struct ifinfomsg header = {
        .ifi_family = AF_UNSPEC, .ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP
    };

    nvb_netlink_begin(nl, RTM_NEWLINK, 0, &header, sizeof(header));
    if (mtu)
        nvb_netlink_add_u32(nl, IFLA_MTU, mtu);
}

void nvb_link_add_address(struct nvb_netlink *nl, unsigned index, const struct nvb_address *address)
{
    /* Nobody else is there who could have the same address: no time is lost on asking. */
    struct ifaddrmsg header = {
        .ifa_family = (uint8_t)address->family,
        .ifa_prefixlen = (uint8_t)address->prefix_len,
        .ifa_flags = address->family == AF_INET6 ? IFA_F_NODAD : 0,
        .ifa_scope = RT_SCOPE_UNIVERSE,
        .ifa_index = index,
    };

    nvb_netlink_begin(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &header, sizeof(header));
    nvb_netlink_add(nl, IFA_LOCAL, address->bytes, size_of(address));
    nvb_netlink_add(nl, IFA_ADDRESS, address->bytes, size_of(address));
}

static void
begin_route(struct nvb_netlink *nl, const struct nvb_address *to, unsigned len, unsigned type)
{
    struct rtmsg header = {
        .rtm_family = (uint8_t)to->family,
        .rtm_dst_len = (uint8_t)len,
        .rtm_table = RT_TABLE_MAIN,
        .rtm_protocol = RTPROT_STATIC,
        .rtm_scope = RT_SCOPE_UNIVERSE,
        .rtm_type = (uint8_t)type,
    };

    nvb_netlink_begin(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &header, sizeof(header));
}

void nvb_link_add_default_route(struct nvb_netlink *nl,
                                unsigned index,
                                const struct nvb_address *gateway)
{
    begin_route(nl, gateway, 0, RTN_UNICAST);
    nvb_netlink_add(nl, RTA_GATEWAY, gateway->bytes, size_of(gateway));
    nvb_netlink_add_u32(nl, RTA_OIF, index);
}

void nvb_link_add_prohibition(struct nvb_netlink *nl, const struct nvb_address *prefix)
{
    begin_route(nl, prefix, prefix->prefix_len, RTN_PROHIBIT);
    nvb_netlink_add(nl, RTA_DST, prefix->bytes, size_of(prefix));
}

/* Is this RTM_NEWLINK about `name`? */
static bool is_about(const unsigned char *message, size_t len, const char *name)
{
    size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ifinfomsg));

    while (at + sizeof(struct nlattr) <= len) {
        struct nlattr attribute;

        memcpy(&attribute, message + at, sizeof(attribute));
        if (attribute.nla_len < sizeof(attribute) || at + attribute.nla_len > len)
            return false;
        if (attribute.nla_type == IFLA_IFNAME) {
            const char *found = (const char *)message + at + sizeof(attribute);

            return strncmp(found, name, attribute.nla_len - sizeof(attribute)) == 0;
        }
        at += (size_t)NLA_ALIGN(attribute.nla_len);
    }
    return false;
}

unsigned nvb_link_hear_of(struct nvb_netlink *nl, const char *name)
{
    unsigned char data[8192] __attribute__((aligned(8)));
    ssize_t got = recv(nl->fd, data, sizeof(data), MSG_DONTWAIT);
    size_t left = got < 0 ? 0 : (size_t)got;

    for (const unsigned char *p = data; left >= NLMSG_HDRLEN + sizeof(struct ifinfomsg);) {
        struct nlmsghdr message;
        struct ifinfomsg info;

        memcpy(&message, p, sizeof(message));
        if (message.nlmsg_len < NLMSG_HDRLEN + sizeof(info) || message.nlmsg_len > left)
            break;
        memcpy(&info, p + NLMSG_HDRLEN, sizeof(info));
        if (message.nlmsg_type == RTM_NEWLINK && is_about(p, message.nlmsg_len, name))
            return (unsigned)info.ifi_index;
        left -= NLMSG_ALIGN(message.nlmsg_len) < left ? NLMSG_ALIGN(message.nlmsg_len) : left;
        p += NLMSG_ALIGN(message.nlmsg_len);
    }
    return 0;
}
