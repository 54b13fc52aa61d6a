/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/fence.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "oci/address.h"
#include "run/filter.h"
#include "run/link.h"

/* What IANA's registries of special purpose addresses call not globally reachable, and multicast.
 * 64:ff9b::/96 is left open: behind it lies the IPv4 internet of networks that have only IPv6. */
static const struct {
    const char *address;
    unsigned prefix_len;
} ranges[] = {
    {"0.0.0.0",       8 }, /* this network */
    { "10.0.0.0",     8 },
    { "100.64.0.0",   10}, /* carriers', Tailscale's */
    { "127.0.0.0",    8 },
    { "169.254.0.0",  16}, /* link-local; a cloud's metadata */
    { "172.16.0.0",   12},
    { "192.0.0.0",    24},
    { "192.0.2.0",    24}, /* documentation, as the two below */
    { "192.168.0.0",  16},
    { "198.18.0.0",   15}, /* benchmarks */
    { "198.51.100.0", 24},
    { "203.0.113.0",  24},
    { "224.0.0.0",    3 }, /* multicast, reserved, broadcast */
    { "::",           16}, /* unspecified, loopback, IPv4 in disguise */
    { "64:ff9b:1::",  48},
    { "100::",        64},
    { "2001::",       23}, /* Teredo and other protocols' own */
    { "2001:db8::",   32},
    { "2002::",       16}, /* 6to4 */
    { "3fff::",       20},
    { "5f00::",       16},
    { "fc00::",       7 }, /* private */
    { "fe80::",       10}, /* link-local */
    { "fec0::",       10},
    { "ff00::",       8 }, /* multicast */
};

static bool is_within(const struct nvb_address *address, const struct nvb_address *prefix)
{
    unsigned whole = prefix->prefix_len / 8;
    unsigned rest = prefix->prefix_len % 8;
    unsigned mask = 0xff00U >> rest & 0xffU;

    return address->family == prefix->family && address->prefix_len >= prefix->prefix_len &&
           memcmp(address->bytes, prefix->bytes, whole) == 0 &&
           (rest == 0 || ((address->bytes[whole] ^ prefix->bytes[whole]) & mask) == 0);
}

bool nvb_fence_denies(const struct nvb_fence *fence, const struct nvb_address *address)
{
    for (size_t i = 0; i < fence->n_prefixes; i++) {
        if (is_within(address, &fence->prefixes[i]))
            return true;
    }
    return false;
}

static void add(struct nvb_fence *out, struct nvb_address prefix)
{
    size_t n_bytes = prefix.family == AF_INET ? 4 : 16;

    for (size_t i = 0; i < n_bytes; i++) {
        unsigned first = (unsigned)i * 8;
        unsigned n_bits = prefix.prefix_len <= first ? 0 : prefix.prefix_len - first;

        prefix.bytes[i] &= (unsigned char)(n_bits >= 8 ? 0xffU : 0xff00U >> n_bits);
    }
    if (nvb_fence_denies(out, &prefix))
        return;
    out->prefixes = nvb_xrealloc(out->prefixes, out->n_prefixes + 1, sizeof(*out->prefixes));
    out->prefixes[out->n_prefixes++] = prefix;
}

void nvb_fence_make(const struct nvb_interfaces *interfaces, struct nvb_fence *out)
{
    *out = (struct nvb_fence){ 0 };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        add(out, nvb_link_address(ranges[i].address, ranges[i].prefix_len));
    for (size_t i = 0; i < interfaces->n_addresses; i++) {
        const struct nvb_address *a = &interfaces->addresses[i];

        /* An address whose prefix is everything or nearly so would take the internet along: then
         * only the address itself. */
        if (a->prefix_len < 8) {
            struct nvb_address alone = *a;

            alone.prefix_len = a->family == AF_INET ? 32 : 128;
            add(out, alone);
        } else {
            add(out, *a);
        }
    }
}

void nvb_fence_make_small(struct nvb_fence *out)
{
    *out = (struct nvb_fence){ 0 };
    add(out, nvb_link_address(NVB_IPV4_SUBNET, NVB_IPV4_PREFIX_LEN));
    add(out, nvb_link_address(NVB_IPV6_GATEWAY, NVB_IPV6_PREFIX_LEN));
}

void nvb_fence_clear(struct nvb_fence *fence)
{
    free(fence->prefixes);
    *fence = (struct nvb_fence){ 0 };
}

/* The way to the name server leads through the container's own subnet: what lies there is for the
 * filter alone, since a route that prohibits would take the place of that one. */
static bool is_own_subnet(const struct nvb_address *prefix)
{
    struct nvb_address dns =
        nvb_link_address(prefix->family == AF_INET ? NVB_IPV4_DNS : NVB_IPV6_DNS,
                         prefix->family == AF_INET ? NVB_IPV4_PREFIX_LEN : NVB_IPV6_PREFIX_LEN);

    return prefix->prefix_len >= dns.prefix_len && is_within(prefix, &dns);
}

/* IPv6 link-local and multicast have routes of their own that are more specific; the filter has
 * them. A kernel without IPv6 knows none of its routes, and needs none. */
static int prohibit(const struct nvb_fence *fence, struct nvb_netlink *nl, int family)
{
    enum {
        ROOM_FOR_ONE = 128,
    };

    for (size_t i = 0; i < fence->n_prefixes; i++) {
        if (fence->prefixes[i].family != family || fence->prefixes[i].prefix_len == 0 ||
            is_own_subnet(&fence->prefixes[i]))
            continue;
        if (!nvb_netlink_has_room(nl, ROOM_FOR_ONE) && nvb_netlink_send(nl) < 0)
            return -1;
        nvb_link_add_prohibition(nl, &fence->prefixes[i]);
    }
    return nvb_netlink_send(nl);
}

static int raise_routes(const struct nvb_fence *fence)
{
    struct nvb_netlink nl;
    int done = nvb_netlink_open(&nl, NETLINK_ROUTE, 0);
    int saved = 0;

    if (done == 0)
        done = prohibit(fence, &nl, AF_INET);
    if (done == 0 && prohibit(fence, &nl, AF_INET6) < 0 && errno != EAFNOSUPPORT &&
        errno != EOPNOTSUPP)
        done = -1;
    saved = errno;
    nvb_netlink_close(&nl);
    errno = saved;
    return done;
}

int nvb_fence_raise(const struct nvb_fence *fence, const char **out_step)
{
    *out_step = "a packet filter";
    if (nvb_filter_load(fence->prefixes, fence->n_prefixes, fence->open_interface) < 0)
        return -1;
    *out_step = "routes that prohibit";
    return raise_routes(fence);
}
