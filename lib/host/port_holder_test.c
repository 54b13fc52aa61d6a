/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/port_holder.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

/* Who has port 8080 of a machine with one line in one table, and a process 42 that has the socket 77. */
static char *holder_in(const char *table, const char *line, const char *wanted)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autofree char *path = nvb_xasprintf("proc/net/%s", table);
    nvb_autofree char *text = nvb_xasprintf(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
        "inode\n%s\n",
        line);
    nvb_auto_err err = { 0 };

    tree_put(tree, path, text);
    tree_put(tree, "proc/42/comm", "web server\n");
    tree_link(tree, "proc/42/fd/3", "/dev/null");
    tree_link(tree, "proc/42/fd/5", "socket:[77]");
    tree_put(tree, "etc/passwd", "root:x:0:0::/root:/bin/sh\nwww:x:33:33::/:/bin/false\n");
    EXPECT(nvb_host_open(tree, &host, &err));
    return nvb_port_holder_dup(host, table[0] == 'u', wanted, 8080);
}

static char *
dup_line(const char *address, const char *port, const char *state, unsigned uid, unsigned inode)
{
    return nvb_xasprintf("   0: %s:%s 00000000:0000 %s 00000000:00000000 00:00000000 00000000  %u"
                         "        0 %u 1 0000000000000000 100 0 0 10 0",
                         address, port, state, uid, inode);
}

TEST(names_the_program)
{
    static const struct {
        const char *table;
        const char *address;
        const char *wanted;
    } rows[] = {
        {"tcp",   "0100007F",                         "127.0.0.1"},
        { "tcp",  "00000000",                         "127.0.0.1"},
        { "tcp",  "0100007F",                         "0.0.0.0"  },
        { "tcp6", "00000000000000000000000000000000", "127.0.0.1"},
        { "tcp6", "0000000000000000FFFF00000100007F", "127.0.0.1"},
        { "tcp6", "00000000000000000000000001000000", "::1"      },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *line = dup_line(rows[i].address, "1F90", "0A", 33, 77);
        nvb_autofree char *holder = holder_in(rows[i].table, line, rows[i].wanted);

        EXPECT_STR(holder, "web server (process 42)");
    }
}

TEST(names_the_user_where_the_program_is_not_seen)
{
    nvb_autofree char *known_line = dup_line("0100007F", "1F90", "0A", 33, 78);
    nvb_autofree char *known = holder_in("tcp", known_line, "127.0.0.1");
    nvb_autofree char *unknown_line = dup_line("0100007F", "1F90", "07", 1234, 78);
    nvb_autofree char *unknown = holder_in("udp", unknown_line, "127.0.0.1");

    EXPECT_STR(known, "a program of user www");
    EXPECT_STR(unknown, "a program of user 1234");
}

TEST(others_are_not_in_the_way)
{
    static const struct {
        const char *table;
        const char *address;
        const char *port;
        const char *state;
    } rows[] = {
        {"tcp",   "0107A8C0",                         "1F90", "0A"}, /* 192.168.7.1 */
        { "tcp",  "0100007F",                         "1F90", "01"}, /* a connection */
        { "tcp",  "0100007F",                         "1F91", "0A"},
        { "udp",  "0107A8C0",                         "1F90", "07"},
        { "tcp6", "00000000000000000000000001000000", "1F90", "0A"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *line = dup_line(rows[i].address, rows[i].port, rows[i].state, 33, 77);
        nvb_autofree char *holder = holder_in(rows[i].table, line, "127.0.0.1");

        EXPECT(!holder);
    }
}

TEST(broken_lines_name_nobody)
{
    static const char *const lines[] = {
        "",
        "nonsense",
        "   0: 0100007F:1F90",
        "   0: 0100007F:1F90 00000000:0000 0A",
        "   0: 0100007F:1F90 00000000:0000 0A 0:0 00:0 0  33        0 -",
        "   0: 00000000000000000000000000000000000000007F:1F90 0:0 0A 0:0 00:0 0  33        0 77",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        nvb_autofree char *holder = holder_in("tcp", lines[i], "127.0.0.1");

        EXPECT(!holder);
    }
}

TEST(the_kernels_own_words_are_understood)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
    socklen_t len = sizeof(address);
    nvb_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    nvb_autofree char *holder = NULL;
    nvb_autofree char *want = nvb_xasprintf("(process %d)", (int)getpid());

    EXPECT(fd >= 0 && bind(fd, (const struct sockaddr *)&address, len) == 0 && listen(fd, 1) == 0);
    EXPECT(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    EXPECT(nvb_host_open("/", &host, &err));
    holder = nvb_port_holder_dup(host, false, "127.0.0.1", ntohs(address.sin_port));
    EXPECT(holder && strstr(holder, want));
}
