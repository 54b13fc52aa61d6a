/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/fence.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/link.h"
#include "test.h"

static bool denies(const struct nvb_fence *fence, const char *text)
{
    struct nvb_address address = nvb_link_address(text, strchr(text, ':') ? 128 : 32);

    return nvb_fence_denies(fence, &address);
}

TEST(private_ranges_are_denied_and_the_internet_is_not)
{
    static const char *const denied[] = {
        "0.0.0.0",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.2.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.19.255.255",
        "203.0.113.7",
        "224.0.0.251",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:192.168.0.1",
        "64:ff9b:1::1",
        "2001:0:1::1",
        "2001:db8::1",
        "2002:c0a8:1::1",
        "fc00::1",
        "fdff:ffff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "10.78.86.2",
    };
    static const char *const allowed[] = {
        "1.1.1.1",         "9.255.255.255",        "11.0.0.0",   "100.63.255.255",
        "100.128.0.0",     "172.15.0.1",           "172.32.0.0", "192.0.1.1",
        "192.167.255.255", "192.169.0.0",          "198.17.0.1", "198.20.0.0",
        "223.255.0.1",     "2606:4700:4700::1111", "2a00::1",    "64:ff9b::808:808",
        "2400::1",         "2001:4860:4860::8888",
    };
    struct nvb_interfaces none = { 0 };
    struct nvb_fence fence = { 0 };

    nvb_fence_make(&none, &fence);
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
        EXPECT(denies(&fence, denied[i]));
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
        EXPECT(!denies(&fence, allowed[i]));
    nvb_fence_clear(&fence);
}

TEST(the_machines_own_prefixes_are_denied)
{
    struct nvb_address own[] = {
        nvb_link_address("8.8.4.77", 24),        /* a university's public addresses */
        nvb_link_address("9.9.9.9", 32),         /* a rented server's */
        nvb_link_address("2a00:1:2:3:4::5", 64), /* a home's neighbours by IPv6 */
        nvb_link_address("192.168.1.5", 24),     /* is in a range already */
        nvb_link_address("7.7.7.7", 1),          /* a tunnel that takes half the internet */
    };
    struct nvb_interfaces interfaces = { .addresses = own, .n_addresses = 5 };
    struct nvb_interfaces none = { 0 };
    struct nvb_fence fence = { 0 };
    struct nvb_fence bare = { 0 };

    nvb_fence_make(&none, &bare);
    nvb_fence_make(&interfaces, &fence);
    EXPECT(fence.n_prefixes == bare.n_prefixes + 4);
    EXPECT(denies(&fence, "8.8.4.77") && denies(&fence, "8.8.4.1") && denies(&fence, "8.8.4.255"));
    EXPECT(!denies(&fence, "8.8.5.1") && !denies(&fence, "8.8.3.255"));
    EXPECT(denies(&fence, "9.9.9.9") && !denies(&fence, "9.9.9.10"));
    EXPECT(denies(&fence, "2a00:1:2:3::1") && !denies(&fence, "2a00:1:2:4::1"));
    EXPECT(denies(&fence, "7.7.7.7") && !denies(&fence, "7.7.7.8"));
    nvb_fence_clear(&fence);
    nvb_fence_clear(&bare);
}

/* A network namespace with a way out to nobody. */
static void enter_network(void)
{
    unsigned uid = getuid();
    FILE *file = NULL;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        SKIP("no namespaces for this user: %s", strerror(errno));
    file = fopen("/proc/self/uid_map", "w");
    EXPECT(file);
    EXPECT(fprintf(file, "0 %u 1", uid) > 0);
    EXPECT(fclose(file) == 0);
    // NOLINTNEXTLINE: the test's own words
    if (system("ip link set lo up && ip link add eth0 type veth peer name far && "
               "ip addr add 10.78.86.100/24 dev eth0 && "
               "ip addr add fd4e:5642:4e44::100/64 dev eth0 nodad && ip link set eth0 up && "
               "ip link set far up && ip route add default via 10.78.86.2 && "
               "ip -6 route add default via fd4e:5642:4e44::2 dev eth0") != 0)
        SKIP("ip(8) cannot make a pair of interfaces here");
}

enum way {
    PLAIN,
    BOUND,      /* to the interface */
    DONT_ROUTE, /* and by no route */
};

/* 0, or the errno of sending a datagram there. */
static int send_to(const char *text, uint16_t port, enum way way)
{
    struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
    bool is_ipv6 = strchr(text, ':') != NULL;
    const struct sockaddr *to =
        is_ipv6 ? (const struct sockaddr *)&ipv6 : (const struct sockaddr *)&ipv4;
    nvb_autoclose int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int on = 1;

    EXPECT(fd >= 0);
    EXPECT(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text,
                     is_ipv6 ? (void *)&ipv6.sin6_addr : (void *)&ipv4.sin_addr) == 1);
    if (way != PLAIN)
        EXPECT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5) == 0);
    if (way == DONT_ROUTE)
        EXPECT(setsockopt(fd, SOL_SOCKET, SO_DONTROUTE, &on, sizeof(on)) == 0);
    return sendto(fd, "x", 1, 0, to, is_ipv6 ? sizeof(ipv6) : sizeof(ipv4)) == 1 ? 0 : errno;
}

static void raise_fence(void)
{
    struct nvb_interfaces none = { 0 };
    struct nvb_fence fence = { 0 };
    const char *step = NULL;

    nvb_fence_make(&none, &fence);
    if (nvb_fence_raise(&fence, &step) < 0)
        SKIP("the kernel has no place for %s: %s", step, strerror(errno));
    nvb_fence_clear(&fence);
}

TEST(what_is_denied_cannot_be_sent_to_by_any_way)
{
    static const char *const denied[] = { "10.1.2.3", "192.168.1.1", "169.254.169.254",
                                          "10.78.86.2" };

    enter_network();
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
        EXPECT(send_to(denied[i], 80, PLAIN) == 0); /* it is the fence that denies below */
        EXPECT(send_to(denied[i], 80, BOUND) == 0);
        EXPECT(send_to(denied[i], 80, DONT_ROUTE) == 0);
    }
    raise_fence();
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
        EXPECT(send_to(denied[i], 80, PLAIN) != 0);
        EXPECT(send_to(denied[i], 80, BOUND) != 0);
        EXPECT(send_to(denied[i], 80, DONT_ROUTE) != 0);
    }
    EXPECT(send_to("192.168.1.1", 80, PLAIN) == EACCES); /* at once, and says so */
    EXPECT(send_to("fd00::1", 80, PLAIN) == EACCES);
    EXPECT(send_to("fd00::1", 80, BOUND) != 0);
    EXPECT(send_to("2001:db8::1", 80, DONT_ROUTE) != 0);
}

TEST(the_internet_loopback_and_the_name_server_stay_open)
{
    enter_network();
    raise_fence();
    EXPECT(send_to("8.8.8.8", 80, PLAIN) == 0);
    EXPECT(send_to("2606:4700:4700::1111", 443, PLAIN) == 0);
    EXPECT(send_to("127.0.0.1", 80, PLAIN) == 0);
    EXPECT(send_to("::1", 80, PLAIN) == 0);
    EXPECT(send_to("10.78.86.100", 80, PLAIN) == 0);
    EXPECT(send_to("10.78.86.3", 53, PLAIN) == 0);
    EXPECT(send_to("fd4e:5642:4e44::3", 53, PLAIN) == 0);
    EXPECT(send_to("10.78.86.3", 54, PLAIN) != 0);
    EXPECT(send_to("fd4e:5642:4e44::3", 80, PLAIN) != 0);
}

TEST(the_small_fence_leaves_neighbours_open_but_not_the_gateway)
{
    struct nvb_fence fence = { 0 };
    const char *step = NULL;

    nvb_fence_make_small(&fence);
    enter_network();
    if (nvb_fence_raise(&fence, &step) < 0)
        SKIP("the kernel has no place for %s: %s", step, strerror(errno));
    nvb_fence_clear(&fence);
    EXPECT(send_to("192.168.1.1", 80, PLAIN) == 0);
    EXPECT(send_to("10.78.86.3", 53, PLAIN) == 0);
    EXPECT(send_to("10.78.86.2", 80, PLAIN) != 0);
    EXPECT(send_to("10.78.86.3", 80, BOUND) != 0);
    EXPECT(send_to("fd4e:5642:4e44::2", 80, DONT_ROUTE) != 0);
}

TEST(more_prefixes_than_one_message_holds_are_all_denied)
{
    struct nvb_address *own = nvb_xcalloc(600, sizeof(*own));
    struct nvb_interfaces interfaces = { .addresses = own, .n_addresses = 600 };
    struct nvb_fence fence = { 0 };
    const char *step = NULL;

    for (unsigned i = 0; i < interfaces.n_addresses; i++) {
        nvb_autofree char *text = nvb_xasprintf("9.%u.%u.1", i / 256, i % 256);

        own[i] = nvb_link_address(text, 24);
    }
    nvb_fence_make(&interfaces, &fence);
    enter_network();
    if (nvb_fence_raise(&fence, &step) < 0)
        SKIP("the kernel has no place for %s: %s", step, strerror(errno));
    EXPECT(send_to("9.0.0.9", 80, PLAIN) != 0 && send_to("9.0.0.9", 80, BOUND) != 0);
    EXPECT(send_to("9.2.87.9", 80, PLAIN) != 0 && send_to("9.2.87.9", 80, BOUND) != 0);
    EXPECT(send_to("9.2.88.9", 80, PLAIN) == 0);
    nvb_fence_clear(&fence);
    free(own);
}
