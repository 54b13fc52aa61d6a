/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/link.h"
#include "test.h"

static char everywhere[] = "0.0.0.0";
static char elsewhere[] = "198.51.100.1";

/* A network of our own, so that no other program's ports are in the way. */
static void enter_network(void)
{
    struct nvb_netlink nl;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        SKIP("no namespaces for this user: %s", strerror(errno));
    EXPECT(nvb_netlink_open(&nl, NETLINK_ROUTE, 0) == 0);
    nvb_link_up(&nl, NVB_LINK_LOOPBACK, 0);
    EXPECT(nvb_netlink_send(&nl) == 0);
    nvb_netlink_close(&nl);
}

static bool can_connect(const char *address, uint16_t number)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(number) };
    struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(number) };
    bool is_ipv6 = strchr(address, ':') != NULL;
    nvb_autoclose int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, address,
                     is_ipv6 ? (void *)&to6.sin6_addr : (void *)&to.sin_addr) == 1);
    if (is_ipv6)
        return connect(fd, (const struct sockaddr *)&to6, sizeof(to6)) == 0;
    return connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
}

TEST(a_range_listens_on_both_loopbacks)
{
    struct nvb_port port = { .host_port = 7000, .container_port = 80, .count = 3 };
    struct nvb_listeners listeners = { 0 };
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };

    enter_network();
    EXPECT(nvb_listeners_open(&port, 1, &listeners, &notices, &err));
    EXPECT(listeners.n == 6 && notices.n == 0);
    EXPECT(listeners.items[0].container_port == 80 && listeners.items[0].family == AF_INET);
    EXPECT(listeners.items[5].container_port == 82 && listeners.items[5].family == AF_INET6);
    EXPECT(can_connect("127.0.0.1", 7000) && can_connect("127.0.0.1", 7002));
    EXPECT(can_connect("::1", 7001));
    EXPECT(!can_connect("127.0.0.1", 7003) && !can_connect("127.0.0.2", 7000));
    nvb_listeners_close(&listeners);
    EXPECT(!can_connect("127.0.0.1", 7000));
}

TEST(a_port_left_to_choice_is_told_and_the_same_on_both)
{
    struct nvb_port port = { .container_port = 80, .count = 1 };
    struct nvb_listeners listeners = { 0 };
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };
    unsigned number = 0;

    enter_network();
    EXPECT(nvb_listeners_open(&port, 1, &listeners, &notices, &err));
    EXPECT(notices.n == 1 && listeners.n == 2);
    // NOLINTNEXTLINE(cert-err34-c): our own text
    EXPECT(sscanf(notices.items[0], "port 80/tcp of the container is port %u of", &number) == 1);
    EXPECT(can_connect("127.0.0.1", (uint16_t)number) && can_connect("::1", (uint16_t)number));
    nvb_listeners_close(&listeners);
}

TEST(an_open_port_comes_with_a_word_of_warning)
{
    struct nvb_port port = {
        .address = everywhere, .host_port = 7000, .container_port = 80, .count = 1, .is_udp = true
    };
    struct nvb_listeners listeners = { 0 };
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };

    enter_network();
    EXPECT(nvb_listeners_open(&port, 1, &listeners, &notices, &err));
    EXPECT(listeners.n == 1 && notices.n == 1);
    EXPECT_STR(notices.items[0],
               "port 7000/udp is open to other machines: 0.0.0.0 is every address of this one");
    nvb_listeners_close(&listeners);
}

TEST(what_is_in_the_way_is_named)
{
    struct nvb_port taken = { .host_port = 7000, .container_port = 80, .count = 1 };
    struct nvb_port absent = {
        .address = elsewhere, .host_port = 7000, .container_port = 80, .count = 1
    };
    struct nvb_listeners first = { 0 };
    struct nvb_listeners second = { 0 };
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err other = { 0 };

    enter_network();
    EXPECT(nvb_listeners_open(&taken, 1, &first, &notices, &err));
    EXPECT(!nvb_listeners_open(&taken, 1, &second, &notices, &err));
    EXPECT(err.kind == NVB_E_CONFLICT && second.n == 0);
    EXPECT(nvb_has_prefix(err.lines[0], "port 7000 (tcp) of 127.0.0.1 is taken by run_listener"));
    EXPECT_STR(err.hint, "choose another, or none for any that is free: -p 80");
    EXPECT(!nvb_listeners_open(&absent, 1, &second, &notices, &other));
    EXPECT(other.kind == NVB_E_NOT_FOUND);
    EXPECT_STR(other.lines[0], "this machine has no address '198.51.100.1'");
    nvb_listeners_close(&first);
}

TEST(a_port_that_is_taken_on_one_loopback_is_taken)
{
    struct nvb_port port = { .host_port = 7000, .container_port = 80, .count = 1 };
    struct nvb_listeners listeners = { 0 };
    struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                    .sin6_addr = in6addr_loopback,
                                    .sin6_port = htons(7000) };
    nvb_autoclose int fd = -1;
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };

    enter_network();
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        SKIP("no IPv6 here");
    EXPECT(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
    EXPECT(listen(fd, 1) == 0);
    EXPECT(!nvb_listeners_open(&port, 1, &listeners, &notices, &err));
    EXPECT(nvb_has_prefix(err.lines[0], "port 7000 (tcp) of ::1 is taken by "));
    EXPECT(!can_connect("127.0.0.1", 7000)); /* what was opened before is closed again */
}

TEST(a_port_below_1024_names_the_setting)
{
    struct nvb_port port = { .host_port = 80, .container_port = 80, .count = 1 };
    struct nvb_listeners listeners = { 0 };
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };

    if (getuid() == 0) {
        EXPECT(setresgid(65534, 65534, 65534) == 0);
        EXPECT(setresuid(65534, 65534, 65534) == 0);
    }
    if (nvb_listeners_open(&port, 1, &listeners, &notices, &err)) {
        nvb_listeners_close(&listeners);
        SKIP("this machine lets everybody have low ports");
    }
    if (err.kind == NVB_E_CONFLICT)
        SKIP("somebody has port 80, and everybody might");
    EXPECT(err.kind == NVB_E_DENIED);
    EXPECT_STR(err.lines[0], "port 80 is not for ordinary users");
    EXPECT_STR(err.hint, "choose one from 1024 on, or as root: sysctl "
                         "net.ipv4.ip_unprivileged_port_start=80");
}
