/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* One network namespace plays the machine's and the container's: they differ in ports. */
#include "run/port_relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oci/address.h"
#include "run/link.h"
#include "test.h"

enum {
    OUTSIDE = 7000, /* the machine's port */
    INSIDE = 80,    /* the container's */
};

/* A relay beside us, until the test ends. */
static void start_relay(bool is_udp, rlim_t n_files)
{
    struct nvb_port port = {
        .host_port = OUTSIDE, .container_port = INSIDE, .count = 1, .is_udp = is_udp
    };
    struct nvb_listeners listeners = { 0 };
    nvb_auto_strv notices = { 0 };
    nvb_auto_err err = { 0 };
    int stop[2];

    EXPECT(nvb_listeners_open(&port, 1, &listeners, &notices, &err));
    EXPECT(pipe(stop) == 0);
    if (fork() == 0) {
        struct rlimit limit = { .rlim_cur = n_files, .rlim_max = n_files };

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        (void)close(stop[1]);
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        nvb_port_relay_run(&listeners, stop[0]);
        _exit(0);
    }
    (void)close(stop[0]); /* the other end stays open with us */
    nvb_listeners_close(&listeners);
}

static socklen_t address_of(const char *text, uint16_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)out;

    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(port);
        return sizeof(*ipv4);
    }
    EXPECT(inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1);
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(port);
    return sizeof(*ipv6);
}

static int open_socket(const char *text, uint16_t port, int type, bool is_server)
{
    struct sockaddr_storage address;
    struct timeval patience = { .tv_sec = 5 };
    socklen_t len = address_of(text, port, &address);
    int fd = socket(address.ss_family, type | SOCK_CLOEXEC, 0);
    int on = 1;

    EXPECT(fd >= 0);
    EXPECT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
    if (is_server) {
        EXPECT(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
        EXPECT(bind(fd, (const struct sockaddr *)&address, len) == 0);
        EXPECT(type != SOCK_STREAM || listen(fd, 1024) == 0);
    } else {
        EXPECT(connect(fd, (const struct sockaddr *)&address, len) == 0);
    }
    return fd;
}

static int serve(const char *text, int type)
{
    return open_socket(text, INSIDE, type, true);
}

static int ask(const char *text, int type)
{
    return open_socket(text, OUTSIDE, type, false);
}

/* The kernel makes an IPv6 address reachable a little after it has added it, by a worker that waits
 * its turn; what is sent before is lost. */
static void wait_for_ipv6(void)
{
    struct timespec nap = { .tv_nsec = 1000000 };
    nvb_autoclose int server = open_socket(NVB_IPV6_OWN, OUTSIDE, SOCK_DGRAM, true);
    char c = 0;

    for (unsigned n = 0; n < 5000; n++) {
        nvb_autoclose int client = open_socket(NVB_IPV6_OWN, OUTSIDE, SOCK_DGRAM, false);

        if (send(client, "x", 1, 0) == 1 && recv(server, &c, 1, MSG_DONTWAIT) == 1)
            return;
        (void)nanosleep(&nap, NULL);
    }
    EXPECT(c == 'x'); /* IPv6 never came */
}

static void enter_network(void)
{
    struct nvb_address own4 = nvb_link_address(NVB_IPV4_OWN, 32);
    struct nvb_address own6 = nvb_link_address(NVB_IPV6_OWN, 128);
    struct nvb_netlink nl;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        SKIP("no namespaces for this user: %s", strerror(errno));
    EXPECT(nvb_netlink_open(&nl, NETLINK_ROUTE, 0) == 0);
    nvb_link_up(&nl, NVB_LINK_LOOPBACK, 0);
    nvb_link_add_address(&nl, NVB_LINK_LOOPBACK, &own4);
    nvb_link_add_address(&nl, NVB_LINK_LOOPBACK, &own6);
    EXPECT(nvb_netlink_send(&nl) == 0);
    nvb_netlink_close(&nl);
    wait_for_ipv6();
}

/* What is received, as a string. */
static const char *heard(int fd)
{
    static char text[64];
    ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

    EXPECT(len >= 0);
    text[len] = '\0';
    return text;
}

static void expect_peer(const struct sockaddr_storage *peer, const char *want)
{
    char text[INET6_ADDRSTRLEN];
    const void *bytes = peer->ss_family == AF_INET
                            ? (const void *)&((const struct sockaddr_in *)peer)->sin_addr
                            : (const void *)&((const struct sockaddr_in6 *)peer)->sin6_addr;

    EXPECT(inet_ntop(peer->ss_family, bytes, text, sizeof(text)));
    EXPECT_STR(text, want);
}

/* A connection from the client at `from` to a server at `at`, a word each way, and an end each way:
 * the second half stays open when the first has closed. */
static void converse(const char *from, const char *at, const char *want_peer)
{
    nvb_autoclose int server = serve(at, SOCK_STREAM);
    nvb_autoclose int client = ask(from, SOCK_STREAM);
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);
    nvb_autoclose int conn = accept(server, (struct sockaddr *)&peer, &len);

    EXPECT(conn >= 0);
    expect_peer(&peer, want_peer);
    EXPECT(send(client, "hello", 5, 0) == 5);
    EXPECT_STR(heard(conn), "hello");
    EXPECT(shutdown(client, SHUT_WR) == 0);
    EXPECT_STR(heard(conn), "");
    EXPECT(send(conn, "good day", 8, 0) == 8);
    EXPECT_STR(heard(client), "good day");
    EXPECT(shutdown(conn, SHUT_WR) == 0);
    EXPECT_STR(heard(client), "");
}

TEST(streams_reach_servers_wherever_they_listen)
{
    enter_network();
    start_relay(false, 256);
    converse("127.0.0.1", "0.0.0.0", NVB_IPV4_OWN);
    converse("::1", "0.0.0.0", NVB_IPV4_OWN);
    converse("127.0.0.1", "::", "::ffff:" NVB_IPV4_OWN);
    converse("127.0.0.1", NVB_IPV4_OWN, NVB_IPV4_OWN);
    converse("127.0.0.1", "127.0.0.1", NVB_IPV4_OWN);
    converse("127.0.0.1", NVB_IPV6_OWN, NVB_IPV6_OWN);
    converse("::1", "::1", NVB_IPV6_OWN);
}

TEST(a_server_that_is_not_there_resets_and_may_come_later)
{
    char c = 0;

    enter_network();
    start_relay(false, 256);
    for (unsigned i = 0; i < 20; i++) {
        nvb_autoclose int client = ask("127.0.0.1", SOCK_STREAM);

        EXPECT(recv(client, &c, 1, 0) < 0 && errno == ECONNRESET);
    }
    converse("127.0.0.1", "0.0.0.0", NVB_IPV4_OWN);
}

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 2654435761U >> 11);
}

TEST(much_data_arrives_whole_while_the_reader_is_slow)
{
    enum {
        TOTAL = 24 << 20,
    };

    unsigned char data[65536];
    size_t n_got = 0;
    nvb_autoclose int server = -1;
    nvb_autoclose int client = -1;
    nvb_autoclose int conn = -1;
    int status = 0;
    pid_t writer = 0;

    enter_network();
    start_relay(false, 256);
    server = serve("0.0.0.0", SOCK_STREAM);
    client = ask("127.0.0.1", SOCK_STREAM);
    conn = accept(server, NULL, NULL);
    writer = fork();
    if (writer == 0) {
        for (size_t n = 0; n < TOTAL; n += sizeof(data)) {
            for (size_t i = 0; i < sizeof(data); i++)
                data[i] = byte_at(n + i);
            if (send(conn, data, sizeof(data), 0) != (ssize_t)sizeof(data))
                _exit(1);
        }
        _exit(0);
    }
    (void)close(conn);
    conn = -1;
    for (ssize_t got = 1; got > 0; n_got += (size_t)got) {
        struct timespec nap = { .tv_nsec = 1000000 };

        got = recv(client, data, sizeof(data), 0);
        EXPECT(got >= 0);
        for (size_t i = 0; i < (size_t)got; i++)
            EXPECT(data[i] == byte_at(n_got + i));
        if (n_got % 7 == 0)
            (void)nanosleep(&nap, NULL);
    }
    EXPECT(n_got == TOTAL);
    EXPECT(waitpid(writer, &status, 0) == writer && status == 0);
}

TEST(more_clients_than_descriptors_wait_for_their_turn)
{
    enum {
        CLIENTS = 60, /* each needs six */
    };

    int clients[CLIENTS];
    nvb_autoclose int server = -1;
    char c = 0;

    enter_network();
    start_relay(false, 100);
    server = serve("0.0.0.0", SOCK_STREAM);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = ask("127.0.0.1", SOCK_STREAM);
        EXPECT(send(clients[i], "x", 1, 0) == 1);
        EXPECT(shutdown(clients[i], SHUT_WR) == 0);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        nvb_autoclose int conn = accept(server, NULL, NULL);

        EXPECT(conn >= 0);
        EXPECT(recv(conn, &c, 1, 0) == 1 && c == 'x');
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        EXPECT(recv(clients[i], &c, 1, 0) == 0);
        EXPECT(close(clients[i]) == 0);
    }
}

/* One datagram to the server and one back. */
static void exchange(const char *from, const char *at, const char *want_peer)
{
    nvb_autoclose int server = serve(at, SOCK_DGRAM);
    nvb_autoclose int client = ask(from, SOCK_DGRAM); /* connected: hears only whom it asked */
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);
    char text[16];

    EXPECT(send(client, "hello", 5, 0) == 5);
    EXPECT(recvfrom(server, text, sizeof(text), 0, (struct sockaddr *)&peer, &len) == 5);
    EXPECT(memcmp(text, "hello", 5) == 0);
    expect_peer(&peer, want_peer);
    EXPECT(sendto(server, "good day", 8, 0, (const struct sockaddr *)&peer, len) == 8);
    EXPECT_STR(heard(client), "good day");
    EXPECT(send(client, "", 0, 0) == 0);
    EXPECT(recv(server, text, sizeof(text), 0) == 0); /* empty ones, too */
}

TEST(datagrams_reach_servers_wherever_they_listen)
{
    enter_network();
    start_relay(true, 256);
    exchange("127.0.0.1", "0.0.0.0", NVB_IPV4_OWN);
    exchange("::1", "0.0.0.0", NVB_IPV4_OWN);
    exchange("127.0.0.1", "127.0.0.1", NVB_IPV4_OWN);
    exchange("127.0.0.1", "::1", NVB_IPV6_OWN);
    exchange("::1", NVB_IPV6_OWN, NVB_IPV6_OWN);
}

TEST(each_client_hears_its_own_answers)
{
    enum {
        CLIENTS = 50,
    };

    int clients[CLIENTS];
    nvb_autoclose int server = -1;
    unsigned char c = 0;

    enter_network();
    start_relay(true, 256);
    server = serve("0.0.0.0", SOCK_DGRAM);
    for (unsigned char i = 0; i < CLIENTS; i++) {
        clients[i] = ask(i % 2 ? "127.0.0.1" : "::1", SOCK_DGRAM);
        EXPECT(send(clients[i], &i, 1, 0) == 1);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof(peer);

        EXPECT(recvfrom(server, &c, 1, 0, (struct sockaddr *)&peer, &len) == 1);
        EXPECT(sendto(server, &c, 1, 0, (const struct sockaddr *)&peer, len) == 1);
    }
    for (unsigned char i = 0; i < CLIENTS; i++) {
        EXPECT(recv(clients[i], &c, 1, 0) == 1 && c == i);
        EXPECT(close(clients[i]) == 0);
    }
}

TEST(more_datagram_clients_than_places_push_out_the_oldest)
{
    nvb_autoclose int server = -1;
    char c = 0;

    enter_network();
    start_relay(true, 2048);
    server = serve("0.0.0.0", SOCK_DGRAM);
    for (size_t i = 0; i < 1200; i++) {
        nvb_autoclose int client = ask("127.0.0.1", SOCK_DGRAM);

        EXPECT(send(client, "x", 1, 0) == 1);
        EXPECT(recv(server, &c, 1, 0) == 1);
    }
}

TEST(a_datagram_server_may_come_later)
{
    nvb_autoclose int client = -1;
    nvb_autoclose int server = -1;
    struct timespec nap = { .tv_nsec = 50000000 };
    char c = 0;

    enter_network();
    start_relay(true, 256);
    client = ask("127.0.0.1", SOCK_DGRAM);
    EXPECT(send(client, "x", 1, 0) == 1);
    (void)nanosleep(&nap, NULL);
    server = serve("127.0.0.1", SOCK_DGRAM);
    EXPECT(send(client, "y", 1, 0) == 1);
    EXPECT(recv(server, &c, 1, 0) == 1);
    if (c == 'x') /* a busy machine relays it no earlier */
        EXPECT(recv(server, &c, 1, 0) == 1);
    EXPECT(c == 'y');
}
