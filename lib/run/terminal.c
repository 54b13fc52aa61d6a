/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "layer/ring.h"

#define NVB_RING_DIRECTORY "/run/nvbind"

/* The slave through the master, so that no path of the container is opened by name. */
static int open_terminal(struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;
    int unlock = 0;
    int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
        nvb_child_die(launch, errno, "cannot make a terminal");
    launch->terminal_fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (launch->terminal_fd < 0 || fchown(launch->terminal_fd, c->uid, c->gid) < 0)
        nvb_child_die(launch, errno, "cannot open the terminal");
    return master;
}

/* Of a terminal that nobody looks at: the size that programs take for granted. */
static void prepare_master(int master_fd)
{
    static const struct winsize size = { .ws_row = 24, .ws_col = 80 };

    (void)ioctl(master_fd, TIOCSWINSZ, &size);
    (void)fcntl(master_fd, F_SETFL, O_RDWR | O_NONBLOCK);
}

static int make_ring(const struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;
    struct stat root;
    struct stat directory;
    int fd = -1;

    /* A volume over it would keep the ring on the host. */
    if (stat("/", &root) < 0 || stat(NVB_RING_DIRECTORY, &directory) < 0 ||
        root.st_dev != directory.st_dev) {
        nvb_child_die_kind(launch, NVB_E_CONFLICT, "give the volume another destination",
                           "a volume covers '" NVB_RING_DIRECTORY
                           "', where frame times are counted");
    }
    fd = open(NVB_RING_PATH, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 || fchown(fd, c->uid, c->gid) < 0)
        nvb_child_die(launch, errno, "cannot make the frame ring");
    return fd;
}

void nvb_child_hand_over(struct nvb_launch *launch)
{
    int fds[2];
    size_t n = 0;

    if (launch->container->has_frame_ring)
        fds[n++] = make_ring(launch);
    if (launch->container->has_tty && launch->container->is_detached) {
        launch->master_fd = open_terminal(launch);
        prepare_master(launch->master_fd);
    } else if (launch->container->has_tty) {
        fds[n++] = open_terminal(launch);
    }
    if (n > 0)
        nvb_child_send_fds(launch, fds, n);
    while (n > 0)
        (void)close(fds[--n]);
}

void nvb_terminal_resize(const struct nvb_terminal *terminal)
{
    struct winsize size;

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        (void)ioctl(terminal->master, TIOCSWINSZ, &size);
}

void nvb_terminal_open(struct nvb_terminal *terminal, int take_master, bool is_interactive)
{
    struct termios raw;

    *terminal = (struct nvb_terminal){ .master = take_master, .input = is_interactive ? 0 : -1 };
    nvb_terminal_resize(terminal);
    if (!is_interactive || tcgetattr(STDIN_FILENO, &terminal->saved) < 0)
        return;
    raw = terminal->saved;
    cfmakeraw(&raw);
    terminal->is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

bool nvb_terminal_copy_output(const struct nvb_terminal *terminal)
{
    char chunk[16384];
    ssize_t got = read(terminal->master, chunk, sizeof(chunk));

    if (got < 0)
        return errno == EINTR || errno == EAGAIN; /* EIO: the last slave was closed */
    if (got > 0)
        (void)nvb_write_all(STDOUT_FILENO, chunk, (size_t)got);
    return got > 0;
}

void nvb_terminal_read_input(struct nvb_terminal *terminal)
{
    static const char end_of_file = 4; /* what a person would type: Ctrl-D */
    char chunk[4096];
    ssize_t got = read(terminal->input, chunk, sizeof(chunk));

    if (got > 0) {
        nvb_buf_add(&terminal->to_master, chunk, (size_t)got);
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        nvb_buf_add(&terminal->to_master, &end_of_file, 1);
        terminal->input = -1;
    }
}

/* The master may be full when the container does not read; what is left waits for its turn. */
void nvb_terminal_write_input(struct nvb_terminal *terminal)
{
    struct nvb_buf *b = &terminal->to_master;
    size_t len = b->len < 1024 ? b->len : 1024;
    ssize_t done = write(terminal->master, b->data, len);

    if (done <= 0)
        return;
    memmove(b->data, b->data + done, b->len - (size_t)done);
    b->len -= (size_t)done;
}

void nvb_terminal_close(struct nvb_terminal *terminal)
{
    if (terminal->master < 0)
        return;
    for (;;) {
        struct pollfd p = { .fd = terminal->master, .events = POLLIN };

        if (poll(&p, 1, 0) <= 0 || !(p.revents & POLLIN) || !nvb_terminal_copy_output(terminal))
            break;
    }
    if (terminal->is_raw)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
    (void)close(terminal->master);
    nvb_buf_clear(&terminal->to_master);
    terminal->master = -1;
}
