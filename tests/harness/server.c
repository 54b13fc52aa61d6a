/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* One request's headers, and its body when it says how long that is; false at the end of the
 * connection. */
static bool take_request(struct server *s, int fd)
{
    char *text = s->asked[s->n_asked % SERVER_ASKED_MAX];
    const char *length = NULL;
    size_t want = SERVER_ASKED_SIZE - 1;
    size_t len = 0;

    memset(text, 0, SERVER_ASKED_SIZE);
    while (len < want) {
        ssize_t got = read(fd, text + len, 1);

        if (got <= 0)
            return false;
        len += (size_t)got;
        if (want == SERVER_ASKED_SIZE - 1 && strstr(text, "\r\n\r\n")) {
            length = strstr(text, "Content-Length: ");
            want = len + (length ? strtoul(length + 16, NULL, 10) : 0);
        }
    }
    s->n_asked++;
    return true;
}

static void say(const struct server *s, int fd, const char *text)
{
    for (const char *at = NULL; (at = strstr(text, "{port}")); text = at + 6) {
        char port[16];

        (void)send(fd, text, (size_t)(at - text), MSG_NOSIGNAL | MSG_MORE);
        (void)snprintf(port, sizeof(port), "%u", s->port);
        (void)send(fd, port, strlen(port), MSG_NOSIGNAL | MSG_MORE);
    }
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void end_connection(int fd, enum server_end end)
{
    const struct linger at_once = { .l_onoff = 1 };
    const struct timeval soon = { .tv_usec = 100000 };
    char ignored[512];

    while (end == SERVER_TRICKLE && send(fd, "x", 1, MSG_NOSIGNAL) == 1)
        (void)usleep(50000);
    while (end == SERVER_SILENCE && read(fd, ignored, sizeof(ignored)) > 0)
        continue;
    if (end == SERVER_RESET)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    if (end == SERVER_RUDE || end == SERVER_CLOSE) {
        /* Closing with something unread would be a reset. */
        (void)shutdown(fd, SHUT_WR);
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
        while (read(fd, ignored, sizeof(ignored)) > 0)
            continue;
    }
}

static void *serve(void *data)
{
    struct server *s = data;

    for (size_t i = 0; i < s->n;) {
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            break; /* it was shut down */
        s->n_connections++;
        while (i < s->n && (s->answers[i].end == SERVER_RUDE || take_request(s, fd))) {
            const struct server_answer *a = &s->answers[i++];

            say(s, fd, a->text);
            end_connection(fd, a->end);
            if (a->end != SERVER_KEEP)
                break;
        }
        (void)close(fd);
    }
    return NULL;
}

void server_start(struct server *s, const struct server_answer *answers, size_t n)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);

    *s = (struct server){ .answers = answers, .n = n };
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(bind(s->fd, (const struct sockaddr *)&address, len) == 0 && listen(s->fd, 8) == 0);
    EXPECT(getsockname(s->fd, (struct sockaddr *)&address, &len) == 0);
    s->port = ntohs(address.sin_port);
    EXPECT(pthread_create(&s->thread, NULL, serve, s) == 0);
}

void server_end(struct server *s)
{
    (void)shutdown(s->fd, SHUT_RDWR);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
}
