/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* port_relay_internal.h - what the two halves of the relay share: streams (TCP) and datagrams (UDP). */
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>

#include "run/port_relay.h"

enum {
    NVB_STREAMS_MAX = 1024,
    NVB_FLOWS_MAX = 1024,
    NVB_FLOW_BUCKETS = 256,
    NVB_DATAGRAM_MAX = 65536,
    NVB_STREAM_FDS = 6,  /* two sockets, two pipes */
    NVB_NOBODY = 0xffff, /* end of a list of indices */
};

union nvb_socket_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

/* What an event is about, in its 64 bits of data. The age tells an event of a former owner of the
 * place, which may wait in the same batch as what ended that one. */
enum nvb_port_relay_kind {
    NVB_PORT_RELAY_STOP = 1,
    NVB_PORT_RELAY_LISTENER,
    NVB_PORT_RELAY_STREAM,
    NVB_PORT_RELAY_FLOW,
};

/* One direction of a connection: bytes wait in a pipe of the kernel and never come into memory. */
struct nvb_half {
    int pipe[2];
    size_t n_waiting;
    bool is_over; /* the source said that it has no more */
    bool is_shut; /* and the sink was told */
};

struct nvb_stream {
    bool is_used;
    bool is_connected;
    bool is_queued; /* has more to do than one turn allowed */
    uint16_t age;
    uint16_t port;
    unsigned target;         /* which of nvb_port_relay_target() is tried */
    int fds[2];              /* client's, server's */
    struct nvb_half half[2]; /* client to server, server to client */
};

/* The datagrams of one client to one port. */
struct nvb_flow {
    int fd; /* -1 = free */
    uint16_t age;
    uint16_t next; /* in its bucket */
    uint16_t listener;
    unsigned target;
    bool is_answered;
    unsigned char *kept; /* owned; the last datagram until a server answers, NULL for none */
    size_t kept_len;
    uint64_t used_ms;
    union nvb_socket_address client;
    union nvb_socket_address arrival; /* the machine's address that the client sent to */
};

struct nvb_port_relay {
    const struct nvb_listeners *listeners; /* borrowed */
    int epoll_fd;
    bool is_paused; /* no room for more streams: the listeners are not asked */
    unsigned n_streams;
    unsigned n_flows;
    unsigned n_fds; /* that streams and flows may have together */
    uint64_t now_ms;
    uint16_t queue[NVB_STREAMS_MAX]; /* a ring of streams with more to do */
    unsigned queue_first;
    unsigned n_queued;
    uint16_t buckets[NVB_FLOW_BUCKETS];
    struct nvb_stream streams[NVB_STREAMS_MAX];
    struct nvb_flow flows[NVB_FLOWS_MAX];
    unsigned char datagram[NVB_DATAGRAM_MAX];
};

/* A socket of the container's network on its way to the server at `port`: the target-th way to try,
 * from 0 on. -1 with errno; ENOENT when there are no more ways. */
int nvb_port_relay_connect(int type, unsigned target, uint16_t port);

/* 0, or -1 with errno. */
int nvb_port_relay_watch(const struct nvb_port_relay *relay,
                         int fd,
                         uint32_t events,
                         enum nvb_port_relay_kind kind,
                         uint16_t age,
                         uint16_t i);

/* May so many descriptors more be opened? Asked before a client is taken: who has none waits. */
bool nvb_port_relay_has_room(const struct nvb_port_relay *relay, unsigned n_fds);

void nvb_port_relay_pause(struct nvb_port_relay *relay, bool is_paused);

/* port_relay_stream.c */
void nvb_port_relay_accept(struct nvb_port_relay *relay, uint16_t listener);
void nvb_port_relay_pump(struct nvb_port_relay *relay, uint16_t stream);

/* port_relay_datagram.c */
void nvb_port_relay_receive(struct nvb_port_relay *relay, uint16_t listener); /* from clients */
void nvb_port_relay_answer(struct nvb_port_relay *relay, uint16_t flow);      /* from a server */
void nvb_port_relay_forget_old(struct nvb_port_relay *relay);
