/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* From /proc/net/tcp and its kin, a line a socket:
 *
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 23456
 *
 * An address is its 32-bit words, each as the machine reads it. */
#include "host/port_holder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "host/user.h"

enum {
    TABLE_MAX = 4 << 20,
    LISTENING = 10, /* TCP_LISTEN */
    WORD = 8,       /* digits */
};

#define ANY_IPV4     "00000000"
#define ANY_IPV6     "00000000000000000000000000000000"
#define IPV4_IN_IPV6 "0000000000000000FFFF0000"

struct socket {
    unsigned uid;
    unsigned long inode;
};

/* As the tables have it. */
static void write_address(const char *text, char out[4 * WORD + 1])
{
    uint32_t words[4] = { 0 };
    bool is_ipv6 = strchr(text, ':') != NULL;

    (void)inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, words);
    for (size_t i = 0; i < (is_ipv6 ? 4U : 1U); i++)
        (void)snprintf(out + i * WORD, WORD + 1, "%08X", words[i]);
}

/* Would a socket there be in the way of one at `wanted`? */
static bool is_in_the_way(const char *there, const char *wanted)
{
    return strcmp(there, wanted) == 0 || strcmp(there, ANY_IPV4) == 0 ||
           strcmp(there, ANY_IPV6) == 0 || strcmp(wanted, ANY_IPV4) == 0 ||
           strcmp(wanted, ANY_IPV6) == 0 ||
           (strncmp(there, IPV4_IN_IPV6, strlen(IPV4_IN_IPV6)) == 0 &&
            strcmp(there + strlen(IPV4_IN_IPV6), wanted) == 0);
}

static bool
read_line(const char *line, bool is_udp, const char *wanted, unsigned port, struct socket *out)
{
    char address[4 * WORD + 1] = "";
    unsigned number = 0;
    unsigned state = 0;

    // NOLINTNEXTLINE(cert-err34-c): a line of the kernel's, whose numbers fit
    if (sscanf(line, " %*[0-9]: %32[0-9A-F]:%4X %*s %2X %*s %*s %*s %u %*s %lu", address, &number,
               &state, &out->uid, &out->inode) != 5)
        return false;
    return number == port && (is_udp || state == LISTENING) && is_in_the_way(address, wanted);
}

static bool find_in_table(const struct nvb_host *host,
                          const char *table,
                          bool is_udp,
                          const char *wanted,
                          unsigned port,
                          struct socket *out)
{
    nvb_autofree char *text = nvb_host_dup_text(host, table, TABLE_MAX);

    for (char *line = text; line;) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        if (read_line(line, is_udp, wanted, port, out))
            return true;
        line = end ? end + 1 : NULL;
    }
    return false;
}

static bool has_socket(const struct nvb_host *host, const char *pid, const char *wanted)
{
    nvb_autofree char *dir = nvb_xasprintf("/proc/%s/fd", pid);
    nvb_auto_strv fds = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!nvb_list_in_root(host->root_fd, dir, &fds, &ignored))
        return false;
    for (size_t i = 0; i < fds.n; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, fds.items[i]);
        nvb_autofree char *link = nvb_host_dup_link(host, path);

        if (link && strcmp(link, wanted) == 0)
            return true;
    }
    return false;
}

static char *dup_program(const struct nvb_host *host, unsigned long inode)
{
    nvb_autofree char *wanted = nvb_xasprintf("socket:[%lu]", inode);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!nvb_list_in_root(host->root_fd, "/proc", &names, &ignored))
        return NULL;
    for (size_t i = 0; i < names.n; i++) {
        const char *pid = names.items[i];
        nvb_autofree char *path = nvb_xasprintf("/proc/%s/comm", pid);
        nvb_autofree char *name = NULL;

        if (pid[strspn(pid, "0123456789")] != '\0' || !has_socket(host, pid, wanted))
            continue;
        name = nvb_host_dup_line(host, path);
        return nvb_xasprintf("%s (process %s)", name ? name : "a program", pid);
    }
    return NULL;
}

char *
nvb_port_holder_dup(const struct nvb_host *host, bool is_udp, const char *address, unsigned port)
{
    char wanted[4 * WORD + 1] = "";
    struct socket found = { 0 };
    char *program = NULL;
    nvb_autofree char *user = NULL;

    write_address(address, wanted);
    if (!find_in_table(host, is_udp ? "/proc/net/udp" : "/proc/net/tcp", is_udp, wanted, port,
                       &found) &&
        !find_in_table(host, is_udp ? "/proc/net/udp6" : "/proc/net/tcp6", is_udp, wanted, port,
                       &found))
        return NULL;
    program = dup_program(host, found.inode);
    if (program)
        return program;
    user = nvb_user_dup_name(host, found.uid);
    return user ? nvb_xasprintf("a program of user %s", user)
                : nvb_xasprintf("a program of user %u", found.uid);
}
