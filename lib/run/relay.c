/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "run/layer.h"

enum {
    CHUNK = 65536, /* a pipe's size */
};

static const struct {
    const char *path;
    const char *in_scratch;
    int to;
} pipes[NVB_RELAY_MAX] = {
    {"/dev/stdout",  NVB_SCRATCH_ROOT "/dev/stdout", STDOUT_FILENO},
    { "/dev/stderr", NVB_SCRATCH_ROOT "/dev/stderr", STDERR_FILENO},
};

void nvb_relay_make_pipes(const struct nvb_launch *launch)
{
    for (size_t i = 0; i < NVB_RELAY_MAX; i++) {
        if (mkfifo(pipes[i].in_scratch, 0666) < 0)
            nvb_child_die(launch, errno, "cannot make '%s'", pipes[i].path);
    }
}

static void add(struct nvb_relay *relay, int take_from, int to)
{
    relay->from[relay->n] = take_from;
    relay->to[relay->n++] = to;
}

void nvb_relay_open(const struct nvb_launch *launch, struct nvb_relay *out)
{
    *out = (struct nvb_relay){ 0 };
    if (!launch->container->is_detached)
        return;
    if (launch->master_fd >= 0) {
        add(out, launch->master_fd, STDOUT_FILENO);
        return;
    }
    for (size_t i = 0; i < NVB_RELAY_MAX; i++) {
        int fd = open(pipes[i].path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
            nvb_child_die(launch, errno, "cannot open '%s'", pipes[i].path);
        add(out, fd, pipes[i].to);
    }
}

/* A full disk must not hold the container up: what cannot be written is lost. */
bool nvb_relay_carry(const struct nvb_relay *relay)
{
    char chunk[CHUNK];
    bool has_carried = false;

    for (size_t i = 0; i < relay->n; i++) {
        ssize_t len = read(relay->from[i], chunk, sizeof(chunk));

        if (len <= 0)
            continue;
        has_carried = true;
        (void)nvb_write_all(relay->to[i], chunk, (size_t)len);
    }
    return has_carried;
}
