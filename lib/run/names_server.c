/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/names_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/membership.h"

enum {
    HEADER = 12,
    NAME_MAX_LEN = 255,
    TYPE_A = 1,
    TYPE_AAAA = 28,
    CLASS_IN = 1,
    TTL_S = 5, /* members come and go */
    FOUND = 0,
    NOBODY = 3,
    REFUSED = 5,
};

/* The name that is asked for, in small letters with dots between; where it ends, or 0. */
static size_t read_name(const unsigned char *query, size_t len, char out[NAME_MAX_LEN + 1])
{
    size_t at = HEADER;
    size_t n = 0;

    while (at < len && query[at] != 0) {
        size_t label = query[at++];

        if (label > 63 || at + label > len || n + label + 1 > NAME_MAX_LEN)
            return 0;
        if (n > 0)
            out[n++] = '.';
        for (size_t i = 0; i < label; i++) {
            unsigned char c = query[at++];

            /* What cannot be in a name is not looked for. */
            out[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c > ' ' && c < 127 ? c : '/');
        }
    }
    out[n] = '\0';
    return at + 5 <= len ? at + 1 : 0;
}

static size_t put_address(unsigned char *out, bool is_ipv6, unsigned number)
{
    static const unsigned char head[] = { 0xc0, HEADER, 0, TYPE_A, 0, CLASS_IN, 0, 0, 0, TTL_S, 0 };
    static const unsigned char ipv4[] = { 10, 78, 87 };
    static const unsigned char ipv6[15] = { 0xfd, 0x4e, 0x56, 0x42, 0x4e, 0x45 };
    size_t len = is_ipv6 ? sizeof(ipv6) : sizeof(ipv4);

    memcpy(out, head, sizeof(head));
    if (is_ipv6)
        out[3] = TYPE_AAAA;
    out[sizeof(head)] = (unsigned char)(len + 1);
    memcpy(out + sizeof(head) + 1, is_ipv6 ? ipv6 : ipv4, len);
    out[sizeof(head) + 1 + len] = (unsigned char)number;
    return sizeof(head) + 2 + len;
}

size_t nvb_names_answer(const unsigned char *query,
                        size_t len,
                        unsigned (*find)(int dir_fd, const char *name),
                        int dir_fd,
                        bool is_alone,
                        unsigned char out[NVB_NAMES_MAX])
{
    char name[NAME_MAX_LEN + 1];
    size_t end = 0;
    unsigned type = 0;
    unsigned number = 0;
    bool is_address = false;

    /* A standard query with one question. */
    if (len < HEADER || (query[2] & 0xf8) != 0 || query[4] != 0 || query[5] != 1)
        return 0;
    end = read_name(query, len, name);
    if (end == 0 || end + 4 > NVB_NAMES_MAX - 64)
        return 0;
    type = (unsigned)query[end] << 8 | query[end + 1];
    end += 4;
    if (query[end - 2] == 0 && query[end - 1] == CLASS_IN)
        number = find(dir_fd, name);
    is_address = number > 0 && (type == TYPE_A || type == TYPE_AAAA);
    memcpy(out, query, end);
    out[2] = (unsigned char)(0x84 | (query[2] & 1)); /* an answer, with authority */
    out[3] = (unsigned char)(0x80 | (number > 0 ? FOUND : is_alone ? NOBODY : REFUSED));
    memset(out + 6, 0, 6);
    out[7] = is_address ? 1 : 0;
    return is_address ? end + put_address(out + end, type == TYPE_AAAA, number) : end;
}

void nvb_names_serve(int socket_fd, int dir_fd, bool is_alone)
{
    for (;;) {
        unsigned char query[4096];
        unsigned char answer[NVB_NAMES_MAX];
        struct sockaddr_in peer;
        socklen_t peer_len = sizeof(peer);
        ssize_t got =
            recvfrom(socket_fd, query, sizeof(query), 0, (struct sockaddr *)&peer, &peer_len);
        size_t len = 0;

        if (got < 0 && errno != EINTR)
            _exit(125);
        if (got > 0)
            len =
                nvb_names_answer(query, (size_t)got, nvb_membership_find, dir_fd, is_alone, answer);
        if (len > 0)
            (void)sendto(socket_fd, answer, len, MSG_DONTWAIT | MSG_NOSIGNAL,
                         (const struct sockaddr *)&peer, peer_len);
    }
}
