/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/interfaces.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* Somewhere far away: connecting a datagram socket only asks for the route. */
static const char far_ipv4[] = "1.1.1.1";
static const char far_ipv6[] = "2606:4700:4700::1111";

union socket_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static void *bytes_of(union socket_address *address)
{
    return address->any.sa_family == AF_INET ? (void *)&address->ipv4.sin_addr
                                             : (void *)&address->ipv6.sin6_addr;
}

static char *dup_own_address(int family)
{
    union socket_address address = { .any.sa_family = (sa_family_t)family };
    socklen_t len = sizeof(address);
    char text[INET6_ADDRSTRLEN];
    nvb_autoclose int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)inet_pton(family, family == AF_INET ? far_ipv4 : far_ipv6, bytes_of(&address));
    address.ipv4.sin_port = htons(53); /* at the same place in both */
    if (fd < 0 || connect(fd, &address.any, sizeof(address)) < 0 ||
        getsockname(fd, &address.any, &len) < 0 ||
        !inet_ntop(family, bytes_of(&address), text, sizeof(text)))
        return NULL;
    return nvb_xstrdup(text);
}

static unsigned count_bits(const unsigned char *mask, size_t size)
{
    unsigned n = 0;

    for (size_t i = 0; i < size; i++)
        n += (unsigned)__builtin_popcount(mask[i]);
    return n;
}

static void add_address(struct nvb_interfaces *out, const struct ifaddrs *entry)
{
    union socket_address address = { 0 };
    union socket_address mask = { 0 };
    int family = entry->ifa_addr->sa_family;
    size_t size = family == AF_INET ? sizeof(address.ipv4) : sizeof(address.ipv6);
    size_t n_bytes = family == AF_INET ? 4 : 16;
    struct nvb_address *added = NULL;

    if (!entry->ifa_netmask)
        return;
    memcpy(&address, entry->ifa_addr, size);
    memcpy(&mask, entry->ifa_netmask, size);
    mask.any.sa_family = (sa_family_t)family; /* some leave it out */
    out->addresses = nvb_xrealloc(out->addresses, out->n_addresses + 1, sizeof(*out->addresses));
    added = &out->addresses[out->n_addresses++];
    *added = (struct nvb_address){ .family = family };
    memcpy(added->bytes, bytes_of(&address), n_bytes);
    added->prefix_len = count_bits(bytes_of(&mask), n_bytes);
}

static void take_name(struct nvb_interfaces *out, const struct ifaddrs *entry, bool *is_up)
{
    bool is_better = !out->name || (!*is_up && (entry->ifa_flags & IFF_UP));

    if (!is_better)
        return;
    free(out->name);
    out->name = nvb_xstrdup(entry->ifa_name);
    *is_up = (entry->ifa_flags & IFF_UP) != 0;
}

void nvb_interfaces_read(struct nvb_interfaces *out)
{
    struct ifaddrs *entries = NULL;
    bool is_up = false;

    *out = (struct nvb_interfaces){ 0 };
    out->own_ipv4 = dup_own_address(AF_INET);
    out->own_ipv6 = dup_own_address(AF_INET6);
    if (getifaddrs(&entries) < 0)
        return;
    for (const struct ifaddrs *e = entries; e; e = e->ifa_next) {
        if (e->ifa_flags & IFF_LOOPBACK)
            continue;
        take_name(out, e, &is_up);
        if (e->ifa_addr &&
            (e->ifa_addr->sa_family == AF_INET || e->ifa_addr->sa_family == AF_INET6))
            add_address(out, e);
    }
    freeifaddrs(entries);
}

void nvb_interfaces_clear(struct nvb_interfaces *interfaces)
{
    free(interfaces->addresses);
    free(interfaces->name);
    free(interfaces->own_ipv4);
    free(interfaces->own_ipv6);
    *interfaces = (struct nvb_interfaces){ 0 };
}
