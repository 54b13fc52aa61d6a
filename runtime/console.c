/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "root.h"
#include "run/mount_api.h"

bool console_connect(const char *path, int *out_fd, struct nvb_err *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    nvb_autoclose int place = open(path, O_PATH | O_CLOEXEC);
    nvb_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* By its descriptor: the path may be longer than an address. */
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", place);
    if (place < 0 || fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot reach the console socket '%s'", path);
    *out_fd = nvb_steal_fd(&fd);
    return true;
}

static bool send_master(int socket_fd, int master)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { 0 };

    char name[] = "/dev/ptmx";
    struct iovec iov = { .iov_base = name, .iov_len = sizeof(name) - 1 };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };

    control.align.cmsg_level = SOL_SOCKET;
    control.align.cmsg_type = SCM_RIGHTS;
    control.align.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.align), &master, sizeof(int));
    return sendmsg(socket_fd, &message, MSG_NOSIGNAL) >= 0;
}

int console_receive(int socket_fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { 0 };

    char name[16];
    struct iovec iov = { .iov_base = name, .iov_len = sizeof(name) };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    int master = -1;

    if (recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC) > 0 && CMSG_FIRSTHDR(&message) &&
        control.align.cmsg_type == SCM_RIGHTS)
        memcpy(&master, CMSG_DATA(&control.align), sizeof(int));
    return master;
}

/* What the container opens as /dev/console is its terminal. */
static bool show(int root_fd, const char *name, struct nvb_err *err)
{
    nvb_autoclose int place = -1;
    nvb_autoclose int tree = -1;

    if (!root_open_place(root_fd, "/dev/console", false, &place, err))
        return false;
    tree = nvb_open_tree(root_fd, name + 1, 0);
    return (tree >= 0 && nvb_move_mount(tree, place) == 0) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot make '/dev/console'");
}

bool console_make(const struct spec_process *process,
                  int root_fd,
                  int socket_fd,
                  bool shows,
                  int *out_fd,
                  struct nvb_err *err)
{
    nvb_autoclose int master =
        nvb_open_in_root(root_fd, "/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    nvb_autoclose int slave = -1;
    struct winsize size = { .ws_row = process->n_rows, .ws_col = process->n_columns };
    unsigned number = 0;
    char name[40];
    int unlocked = 0;

    if (master < 0 || ioctl(master, TIOCGPTN, &number) < 0 ||
        ioctl(master, TIOCSPTLCK, &unlocked) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open a terminal in the container");
    (void)snprintf(name, sizeof(name), "/dev/pts/%u", number);
    slave = nvb_open_in_root(root_fd, name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open the terminal '%s'", name);
    /* Where it is not mapped the kernel refuses, and the owner is as good as any. */
    if (fchown(slave, process->uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot give the terminal away");
    if (size.ws_row && size.ws_col)
        (void)ioctl(slave, TIOCSWINSZ, &size);
    if (shows && !show(root_fd, name, err))
        return false;
    if (!send_master(socket_fd, master))
        return nvb_fail_errno(err, NVB_D_RUN, "cannot hand the terminal over");
    *out_fd = nvb_steal_fd(&slave);
    return true;
}

bool console_take(int fd, struct nvb_err *err)
{
    if (ioctl(fd, TIOCSCTTY, 0) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot take the terminal");
    for (int i = 0; i <= 2; i++) {
        if (dup2(fd, i) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot take the terminal");
    }
    return true;
}
