/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "run/port_relay_internal.h"

enum {
    ACCEPTS_A_TURN = 16,
    MOVES_A_TURN = 32,
    PIPE_SIZE = 65536, /* what the kernel gives a pipe */
};

static uint16_t find_free(const struct nvb_port_relay *relay)
{
    if (relay->n_streams == NVB_STREAMS_MAX || !nvb_port_relay_has_room(relay, NVB_STREAM_FDS))
        return NVB_NOBODY;
    for (uint16_t i = 0; i < NVB_STREAMS_MAX; i++) {
        if (!relay->streams[i].is_used)
            return i;
    }
    return NVB_NOBODY;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* `is_reset`: both sides hear that it broke off, not that it came to a good end. */
static void end_stream(struct nvb_port_relay *relay, struct nvb_stream *s, bool is_reset)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    for (size_t i = 0; i < 2; i++) {
        if (is_reset && s->fds[i] >= 0)
            (void)setsockopt(s->fds[i], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        close_fd(&s->fds[i]);
        close_fd(&s->half[i].pipe[0]);
        close_fd(&s->half[i].pipe[1]);
    }
    s->is_used = false;
    s->age++;
    relay->n_streams--;
    nvb_port_relay_pause(relay, false);
}

static int watch(const struct nvb_port_relay *relay, const struct nvb_stream *s, int fd)
{
    return nvb_port_relay_watch(relay, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                NVB_PORT_RELAY_STREAM, s->age, (uint16_t)(s - relay->streams));
}

/* Towards the server by the first way that is not refused at once, from s->target on. */
static bool try_targets(const struct nvb_port_relay *relay, struct nvb_stream *s)
{
    int on = 1;

    close_fd(&s->fds[1]);
    for (;; s->target++) {
        s->fds[1] = nvb_port_relay_connect(SOCK_STREAM, s->target, s->port);
        if (s->fds[1] >= 0)
            break;
        if (errno == ENOENT)
            return false;
    }
    (void)setsockopt(s->fds[1], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return watch(relay, s, s->fds[1]) == 0;
}

static void begin_stream(struct nvb_port_relay *relay, uint16_t place, uint16_t port, int take_fd)
{
    struct nvb_stream *s = &relay->streams[place];
    int on = 1;
    bool ok = false;

    *s = (struct nvb_stream){
        .is_used = true,
        .is_queued = s->is_queued,
        .age = s->age,
        .port = port,
        .fds = {take_fd,                 -1                    },
        .half = { { .pipe = { -1, -1 } }, { .pipe = { -1, -1 } }},
    };
    relay->n_streams++;
    (void)setsockopt(take_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ok = pipe2(s->half[0].pipe, O_CLOEXEC | O_NONBLOCK) == 0 &&
         pipe2(s->half[1].pipe, O_CLOEXEC | O_NONBLOCK) == 0 && watch(relay, s, take_fd) == 0 &&
         try_targets(relay, s);
    if (!ok)
        end_stream(relay, s, true);
}

void nvb_port_relay_accept(struct nvb_port_relay *relay, uint16_t listener)
{
    const struct nvb_listener *l = &relay->listeners->items[listener];

    for (unsigned n = 0; n < ACCEPTS_A_TURN; n++) {
        uint16_t place = find_free(relay);
        int fd = -1;

        if (place == NVB_NOBODY) { /* whoever comes now waits in the socket's backlog */
            nvb_port_relay_pause(relay, true);
            return;
        }
        fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                nvb_port_relay_pause(relay, true);
            return;
        }
        begin_stream(relay, place, l->container_port, fd);
    }
}

enum outcome {
    STUCK = 0, /* until one of the sockets has news */
    MOVED,
    BROKEN,
};

static enum outcome outcome_of_error(void)
{
    return errno == EAGAIN || errno == EINTR ? STUCK : BROKEN;
}

static enum outcome fill(struct nvb_half *half, int from)
{
    ssize_t n = 0;

    if (half->is_over || half->n_waiting >= PIPE_SIZE)
        return STUCK;
    n = splice(from, NULL, half->pipe[1], NULL, PIPE_SIZE - half->n_waiting,
               SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (n < 0)
        return outcome_of_error();
    half->is_over = n == 0;
    half->n_waiting += (size_t)n;
    return MOVED;
}

static enum outcome drain(struct nvb_half *half, int to)
{
    ssize_t n = 0;

    if (half->n_waiting == 0)
        return STUCK;
    n = splice(half->pipe[0], NULL, to, NULL, half->n_waiting, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (n <= 0)
        return n == 0 ? BROKEN : outcome_of_error();
    half->n_waiting -= (size_t)n;
    return MOVED;
}

/* MOVED: its turn is over and it could go on. */
static enum outcome move(struct nvb_half *half, int from, int to)
{
    enum outcome last = MOVED;

    for (unsigned n = 0; n < MOVES_A_TURN && last == MOVED; n++) {
        enum outcome filled = fill(half, from);
        enum outcome drained = filled == BROKEN ? BROKEN : drain(half, to);

        last = drained == BROKEN ? BROKEN : filled == MOVED ? MOVED : drained;
    }
    if (last != BROKEN && half->is_over && half->n_waiting == 0 && !half->is_shut) {
        half->is_shut = true;
        (void)shutdown(to, SHUT_WR);
    }
    return last;
}

/* Has the server answered? False: it was refused by every way. */
static bool check_connection(struct nvb_port_relay *relay, struct nvb_stream *s)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof(info);
    int e = 0;
    socklen_t e_len = sizeof(e);

    /* In this order: a refusal between the two must not look like a connection. */
    if (getsockopt(s->fds[1], IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
        getsockopt(s->fds[1], SOL_SOCKET, SO_ERROR, &e, &e_len) < 0)
        return false;
    if (e != 0) {
        s->target++;
        return try_targets(relay, s);
    }
    s->is_connected = info.tcpi_state != TCP_SYN_SENT;
    return true;
}

static void queue(struct nvb_port_relay *relay, uint16_t stream)
{
    struct nvb_stream *s = &relay->streams[stream];

    if (s->is_queued)
        return;
    s->is_queued = true;
    relay->queue[(relay->queue_first + relay->n_queued) % NVB_STREAMS_MAX] = stream;
    relay->n_queued++;
}

void nvb_port_relay_pump(struct nvb_port_relay *relay, uint16_t stream)
{
    struct nvb_stream *s = &relay->streams[stream];
    enum outcome there = STUCK;
    enum outcome back = STUCK;

    if (!s->is_connected && !check_connection(relay, s)) {
        end_stream(relay, s, true);
        return;
    }
    if (!s->is_connected)
        return;
    there = move(&s->half[0], s->fds[0], s->fds[1]);
    back = there == BROKEN ? BROKEN : move(&s->half[1], s->fds[1], s->fds[0]);
    if (back == BROKEN) {
        end_stream(relay, s, true);
    } else if (s->half[0].is_shut && s->half[1].is_shut) {
        end_stream(relay, s, false);
    } else if (there == MOVED || back == MOVED) {
        queue(relay, stream);
    }
}
