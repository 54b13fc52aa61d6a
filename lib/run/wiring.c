/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/wiring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oci/address.h"
#include "run/link.h"

/* What cannot be set stays as it is: not every kernel has every setting. */
static bool set(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, value, strlen(value)) > 0;

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* /proc/sys/net shows the settings of the network of whoever opens it. */
static void set_permissions(void)
{
    char range[32];

    /* A server that is not root shall listen on port 80 of the container's own network. */
    (void)set("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    /* Both ends must be groups of the namespace: it has many, or that of the caller alone. */
    if (set("/proc/sys/net/ipv4/ping_group_range", "0 65535"))
        return;
    (void)snprintf(range, sizeof(range), "%u %u", (unsigned)getegid(), (unsigned)getegid());
    (void)set("/proc/sys/net/ipv4/ping_group_range", range);
}

static void
raise_fence(const struct nvb_keeper *k, unsigned open_interface, const struct nvb_launch *to)
{
    struct nvb_fence fence = *k->fence; /* borrows what that owns */
    const char *step = NULL;
    int saved = 0;

    fence.open_interface = open_interface;
    if (fence.n_prefixes == 0 || nvb_fence_raise(&fence, &step) == 0)
        return;
    saved = errno;
    if (k->is_fence_dispensable)
        return;
    nvb_child_die_kind(
        to, NVB_E_UNSUPPORTED,
        "as root: modprobe nf_tables; or use --network lan, which fences nothing off",
        "the local network cannot be fenced off by %s: %s", step, strerrordesc_np(saved));
}

/* Where published ports lead to, when there is no other interface. */
static void add_to_loopback(struct nvb_netlink *nl, const char *own, unsigned prefix_len)
{
    struct nvb_address address = nvb_link_address(own, prefix_len);

    nvb_link_add_address(nl, NVB_LINK_LOOPBACK, &address);
}

static unsigned make_tun(struct nvb_member_ends *out, const struct nvb_launch *to)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

    (void)memcpy(request.ifr_name, NVB_MEMBER_INTERFACE, sizeof(NVB_MEMBER_INTERFACE));
    out->tun_fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (out->tun_fd < 0 || ioctl(out->tun_fd, TUNSETIFF, &request) < 0)
        nvb_child_die(to, errno, "cannot make an interface with '/dev/net/tun'");
    if (ioctl(out->names_fd, SIOCGIFINDEX, &request) < 0)
        nvb_child_die(to, errno, "cannot find the interface '" NVB_MEMBER_INTERFACE "'");
    return (unsigned)request.ifr_ifindex;
}

static void open_names(struct nvb_member_ends *out, const struct nvb_launch *to)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(53) };

    (void)inet_pton(AF_INET, NVB_MEMBER_NAMES, &address.sin_addr);
    out->names_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (out->names_fd < 0 ||
        bind(out->names_fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        nvb_child_die(to, errno, "cannot serve names to the container");
}

/* The container's interface to the other members; its index. */
static unsigned
join(const struct nvb_keeper *k, struct nvb_member_ends *out, const struct nvb_launch *to)
{
    struct nvb_netlink nl;
    struct nvb_address address;
    char text[64];
    unsigned interface = 0;

    open_names(out, to);
    interface = make_tun(out, to);
    (void)set("/proc/sys/net/ipv6/conf/" NVB_MEMBER_INTERFACE "/addr_gen_mode",
              "1"); /* none is made up */
    if (nvb_netlink_open(&nl, NETLINK_ROUTE, 0) < 0)
        nvb_child_die(to, errno, "cannot configure the container's network");
    (void)snprintf(text, sizeof(text), NVB_MEMBER_IPV4 "%u", k->membership->number);
    address = nvb_link_address(text, NVB_IPV4_PREFIX_LEN);
    nvb_link_up(&nl, interface, NVB_UPLINK_MTU);
    nvb_link_add_address(&nl, interface, &address);
    if (nvb_netlink_send(&nl) < 0)
        nvb_child_die(to, errno, "cannot give the container an address");
    (void)snprintf(text, sizeof(text), NVB_MEMBER_IPV6 "%x", k->membership->number);
    address = nvb_link_address(text, NVB_IPV6_PREFIX_LEN);
    nvb_link_add_address(&nl, interface, &address);
    (void)nvb_netlink_send(&nl); /* the kernel may have no IPv6 */
    nvb_netlink_close(&nl);
    return interface;
}

void nvb_wiring_begin(const struct nvb_keeper *k,
                      struct nvb_member_ends *out_member,
                      const struct nvb_launch *to)
{
    struct nvb_netlink nl;
    unsigned open_interface = 0;

    if (nvb_netlink_open(&nl, NETLINK_ROUTE, 0) < 0)
        nvb_child_die(to, errno, "cannot configure the container's network");
    nvb_link_up(&nl, NVB_LINK_LOOPBACK, 0);
    if (!k->uplink->has_ipv4)
        add_to_loopback(&nl, NVB_IPV4_OWN, 32);
    if (nvb_netlink_send(&nl) < 0)
        nvb_child_die(to, errno, "cannot bring the loopback interface up");
    if (k->uplink->kind == NVB_UPLINK_NONE) {
        add_to_loopback(&nl, NVB_IPV6_OWN, 128);
        (void)nvb_netlink_send(&nl); /* the kernel may have no IPv6 */
    }
    nvb_netlink_close(&nl);
    set_permissions();
    if (k->membership->number > 0)
        open_interface = join(k, out_member, to);
    raise_fence(k, open_interface, to);
}

static void add_family(struct nvb_netlink *nl,
                       unsigned interface,
                       const char *own,
                       unsigned prefix_len,
                       const char *gateway)
{
    struct nvb_address own_address = nvb_link_address(own, prefix_len);
    struct nvb_address gateway_address = nvb_link_address(gateway, 0);

    nvb_link_add_address(nl, interface, &own_address);
    nvb_link_add_default_route(nl, interface, &gateway_address);
}

void nvb_wiring_connect(const struct nvb_keeper *k, unsigned interface, const struct nvb_launch *to)
{
    struct nvb_netlink nl;

    if (!k->uplink->has_ipv6)
        (void)set("/proc/sys/net/ipv6/conf/" NVB_INTERFACE "/disable_ipv6", "1");
    if (nvb_netlink_open(&nl, NETLINK_ROUTE, 0) < 0)
        nvb_child_die(to, errno, "cannot configure the container's network");
    nvb_link_up(&nl, interface, NVB_UPLINK_MTU);
    if (k->uplink->has_ipv4)
        add_family(&nl, interface, NVB_IPV4_OWN, NVB_IPV4_PREFIX_LEN, NVB_IPV4_GATEWAY);
    if (k->uplink->has_ipv6)
        add_family(&nl, interface, NVB_IPV6_OWN, NVB_IPV6_PREFIX_LEN, NVB_IPV6_GATEWAY);
    if (nvb_netlink_send(&nl) < 0)
        nvb_child_die(to, errno, "cannot configure the container's way out");
    nvb_netlink_close(&nl);
}
