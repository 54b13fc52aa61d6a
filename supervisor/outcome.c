/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "life/pid_status.h"
#include "life/places.h"

#define TEMPORARY ".exit.tmp"

static uint64_t milliseconds(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void take_as_parent(int pid_fd, struct nvb_ending *out)
{
    siginfo_t info = { 0 };
    int done = 0;

    do {
        done = waitid(P_PIDFD, (id_t)pid_fd, &info, WEXITED);
    } while (done < 0 && errno == EINTR);
    out->is_known = done == 0;
    out->status = (unsigned)(info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status);
}

void outcome_take(const struct order *order, struct nvb_ending *out)
{
    struct timespec now;

    *out = (struct nvb_ending){ .started_ns = order->started_ns, .count = order->count };
    if (order->is_adopted) {
        out->is_known = nvb_pid_status(order->pid_fd, &out->status);
    } else {
        take_as_parent(order->pid_fd, out);
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    out->finished_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    nvb_restart_count_end(&out->count, !out->is_known || out->status != 0,
                          milliseconds(CLOCK_BOOTTIME) - order->begun_ms);
}

void outcome_write(const struct order *order, const struct nvb_ending *ending)
{
    char text[NVB_ENDING_TEXT];
    size_t len = nvb_ending_print(ending, text);
    int fd = openat(order->record_fd, TEMPORARY,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;

    if (fd >= 0)
        (void)close(fd);
    if (is_written && renameat(order->record_fd, TEMPORARY, order->record_fd, NVB_EXIT_FILE) == 0) {
        (void)fsync(order->record_fd);
    } else {
        (void)unlinkat(order->record_fd, TEMPORARY, 0);
    }
}
