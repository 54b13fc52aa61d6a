/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

bool nvb_channel_open(int out_ends[2], struct nvb_err *err)
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out_ends) == 0 ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot make a channel to the container");
}

bool nvb_channel_go_on(int fd, struct nvb_err *err)
{
    return send(fd, "", 1, MSG_NOSIGNAL) == 1 ||
           nvb_fail_errno(err, NVB_D_RUN, "the container's first process is gone");
}

static bool fail_as_told(const struct nvb_message *m, struct nvb_err *err)
{
    enum nvb_kind kind = (enum nvb_kind)m->kind;

    if (m->sys_errno) {
        errno = m->sys_errno;
        nvb_fail_errno(err, NVB_D_RUN, "%s", m->text);
    } else {
        nvb_fail(err, NVB_D_RUN, kind, "%s", m->text);
    }
    return m->hint[0] ? nvb_hint(err, "%s", m->hint) : false;
}

static size_t take_fds(const struct msghdr *message, int out_fds[NVB_CHANNEL_FDS])
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    size_t size = 0;

    if (!header || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len > CMSG_LEN(sizeof(int) * NVB_CHANNEL_FDS))
        return 0;
    size = header->cmsg_len - CMSG_LEN(0);
    memcpy(out_fds, CMSG_DATA(header), size);
    return size / sizeof(int);
}

bool nvb_channel_read(int fd,
                      int out_fds[NVB_CHANNEL_FDS],
                      size_t *out_n,
                      bool *out_done,
                      struct nvb_err *err)
{
    struct nvb_message m = { 0 };

    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * 4)];
    } control = { 0 };
    struct iovec iov = { .iov_base = &m, .iov_len = sizeof(m) };
    struct msghdr message = { .msg_iov = &iov,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof(control) };
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

    *out_n = 0;
    if (got < 0 && errno == EINTR)
        return true;
    *out_done = got == 0;
    if (got == 0)
        return true;
    if (got != (ssize_t)sizeof(m))
        return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the container's first process broke off");
    if (m.type != 'F')
        return fail_as_told(&m, err);
    *out_n = take_fds(&message, out_fds);
    return true;
}
