/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* server.h - a web server on loopback that gives prepared answers, one after the other, and keeps
 * what it was asked. One connection at a time. */
#pragma once

#include <pthread.h>
#include <stddef.h>

enum server_end {
    SERVER_KEEP = 0, /* the next answer goes out on the same connection */
    SERVER_CLOSE,
    SERVER_RESET,
    SERVER_SILENCE,
    SERVER_TRICKLE, /* a byte now and then */
    SERVER_RUDE,    /* the answer goes out before the question came; then it is closed */
};

struct server_answer {
    const char *text; /* "{port}" in it becomes the server's */
    enum server_end end;
};

enum {
    SERVER_ASKED_MAX = 32,
    SERVER_ASKED_SIZE = 2048,
};

struct server {
    int fd;
    unsigned port;
    const struct server_answer *answers; /* borrowed */
    size_t n;
    char asked[SERVER_ASKED_MAX][SERVER_ASKED_SIZE]; /* the headers of each request */
    size_t n_asked;
    size_t n_connections;
    pthread_t thread;
};

void server_start(struct server *server, const struct server_answer *answers, size_t n);

/* When the client has gone; the answers may go then. */
void server_end(struct server *server);
#define auto_server __attribute__((cleanup(server_end))) struct server
