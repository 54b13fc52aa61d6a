/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "log_follow.h"

#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "life/state.h"

enum {
    LOOK_MS = 1000, /* though nothing was heard */
    BLIND_MS = 100, /* where nothing can be heard */
    SETTLE_MS = 10, /* its end is being written down */
};

/* Of the directory, so that both streams are heard; -1 when the user has no watch left. */
static int watch(int record_fd)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/self/fd/%d/" NVB_LOG_DIR, record_fd);
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd >= 0 && inotify_add_watch(fd, path, IN_MODIFY) < 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static void drain(int fd)
{
    char events[4096];

    while (fd >= 0 && read(fd, events, sizeof(events)) > 0)
        continue;
}

/* False when there is nothing more to wait for. */
static bool wait_for_more(const struct nvb_places *places, const char *id, int watch_fd)
{
    nvb_auto_status status = { 0 };
    nvb_autoclose int pid_fd = -1;
    int timeout_ms = watch_fd < 0 ? BLIND_MS : LOOK_MS;

    nvb_status_look(places, id, &status);
    if (!nvb_state_is_up(status.state) && !status.sight.is_locked)
        return false;
    if (nvb_state_is_up(status.state)) {
        pid_fd = nvb_process_open(&status.sight.process);
        timeout_ms = pid_fd < 0 ? SETTLE_MS : timeout_ms;
    } else {
        timeout_ms = BLIND_MS;
    }

    struct pollfd polled[] = {
        {.fd = watch_fd,       .events = POLLIN},
        { .fd = pid_fd,        .events = POLLIN},
        { .fd = STDOUT_FILENO, .events = 0     },
    };

    (void)poll(polled, 3, timeout_ms);
    drain(watch_fd);
    return !(polled[2].revents & POLLERR); /* our reader is gone */
}

void log_follow(const struct nvb_places *places,
                const char *id,
                int record_fd,
                struct nvb_log *log,
                struct log_lines *lines)
{
    nvb_autoclose int watch_fd = watch(record_fd);
    bool shows_parts = !lines->has_times && !lines->as_json;
    bool goes_on = true;

    while (goes_on) {
        goes_on = wait_for_more(places, id, watch_fd);
        nvb_log_look_again(log);
        nvb_log_show(log, shows_parts || !goes_on, log_lines_print, lines);
        (void)fflush(stdout);
    }
}
