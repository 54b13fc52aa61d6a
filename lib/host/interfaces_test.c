/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* A network namespace of our own, as its root. */
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
}

static void configure(const char *script)
{
    if (system("command -v ip >/dev/null") != 0) // NOLINT: the test's own words
        SKIP("no ip(8)");
    if (system(script) != 0) // NOLINT
        SKIP("ip(8) cannot make a pair of interfaces here");
}

TEST(a_network_with_loopback_alone_reaches_nothing)
{
    nvb_auto_interfaces found = { 0 };

    enter_network();
    nvb_interfaces_read(&found);
    EXPECT(found.n_addresses == 0);
    EXPECT(!found.name && !found.own_ipv4 && !found.own_ipv6);
}

TEST(addresses_come_with_their_prefixes)
{
    nvb_auto_interfaces found = { 0 };
    bool has_ipv4 = false;
    bool has_ipv6 = false;
    char text[INET6_ADDRSTRLEN];

    enter_network();
    configure("ip link set lo up; ip link add way type veth peer name other && "
              "ip addr add 192.0.2.9/27 dev way && ip addr add 2001:db8::9/60 dev way nodad && "
              "ip link set way up && ip link set other up && "
              "ip route add default via 192.0.2.1");
    nvb_interfaces_read(&found);
    for (size_t i = 0; i < found.n_addresses; i++) {
        const struct nvb_address *a = &found.addresses[i];

        EXPECT(inet_ntop(a->family, a->bytes, text, sizeof(text)));
        EXPECT(strcmp(text, "127.0.0.1") != 0 && strcmp(text, "::1") != 0);
        has_ipv4 = has_ipv4 || (strcmp(text, "192.0.2.9") == 0 && a->prefix_len == 27);
        has_ipv6 = has_ipv6 || (strcmp(text, "2001:db8::9") == 0 && a->prefix_len == 60);
    }
    EXPECT(has_ipv4 && has_ipv6);
    EXPECT_STR(found.own_ipv4, "192.0.2.9");
    EXPECT(!found.own_ipv6);
    EXPECT(found.name && strcmp(found.name, "lo") != 0);
}
