/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/halt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "life/care.h"
#include "life/event.h"
#include "life/pid_status.h"
#include "life/record.h"

enum {
    KILL_PATIENCE_MS = 10000, /* after SIGKILL */
    STEP_FIRST_MS = 1,
    STEP_LAST_MS = 10,
};

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void rest(unsigned *step_ms)
{
    const struct timespec t = { .tv_nsec = (long)*step_ms * 1000000 };

    (void)nanosleep(&t, NULL);
    *step_ms = *step_ms < STEP_LAST_MS ? *step_ms + 1 : STEP_LAST_MS;
}

static bool send_signal(int pid_fd, unsigned number)
{
    return syscall(SYS_pidfd_send_signal, pid_fd, (int)number, NULL, 0) == 0 || errno == ESRCH;
}

static bool wait_for_process(int pid_fd, int timeout_ms)
{
    struct pollfd polled = { .fd = pid_fd, .events = POLLIN };
    int n = 0;

    do {
        n = poll(&polled, 1, timeout_ms);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

bool nvb_halt_signal(const struct nvb_places *places,
                     const char *id,
                     unsigned number,
                     struct nvb_err *err)
{
    nvb_auto_status status = { 0 };
    nvb_autoclose int pid_fd = -1;

    nvb_status_look(places, id, &status);
    if (nvb_state_is_up(status.state))
        pid_fd = nvb_process_open(&status.sight.process);
    if (pid_fd < 0) {
        nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' does not run", id);
        return nvb_hint(err, "nvbind ps shows those that do");
    }
    return send_signal(pid_fd, number) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot send signal %u to '%s'", number, id);
}

bool nvb_halt_note(const struct nvb_places *places, const char *id, struct nvb_err *err)
{
    nvb_autoclose int dir_fd =
        places->containers_fd < 0 ? -1 : nvb_record_open_dir(places->containers_fd, id);

    return dir_fd < 0 || nvb_record_set_stopped(dir_fd, true, err);
}

/* One life of it: asked first, unless it came to life again while we wait for its end. */
static bool end_process(const struct nvb_status *status, unsigned number, uint64_t end_ms)
{
    nvb_autoclose int pid_fd = nvb_process_open(&status->sight.process);
    uint64_t now = now_ms();

    if (pid_fd < 0)
        return true;
    if (now < end_ms) {
        (void)send_signal(pid_fd, number);
        if (wait_for_process(pid_fd, (int)(end_ms - now)))
            return true;
    }
    (void)send_signal(pid_fd, SIGKILL);
    return wait_for_process(pid_fd, KILL_PATIENCE_MS);
}

bool nvb_halt_stop(const struct nvb_places *places,
                   const char *id,
                   unsigned number,
                   unsigned timeout_s,
                   struct nvb_err *err)
{
    uint64_t end_ms = now_ms() + (uint64_t)timeout_s * 1000;
    uint64_t last_ms = end_ms + KILL_PATIENCE_MS;
    unsigned step_ms = STEP_FIRST_MS;

    if (!nvb_halt_note(places, id, err))
        return false;
    while (now_ms() < last_ms) {
        nvb_auto_status status = { 0 };

        nvb_status_look(places, id, &status);
        if (!status.sight.is_locked && status.state != NVB_STATE_LOST)
            return true;
        if (status.state == NVB_STATE_LOST)
            (void)nvb_care(places, id);
        if (nvb_state_is_up(status.state) && !end_process(&status, number, end_ms))
            break;
        rest(&step_ms);
    }
    nvb_fail(err, NVB_D_RUN, NVB_E_IO, "container '%s' does not end", id);
    return nvb_hint(err, "a process of it may wait for a device or a network file system");
}

static bool read_ending(const struct nvb_places *places, const char *id, struct nvb_ending *out)
{
    nvb_autoclose int dir_fd =
        places->containers_fd < 0 ? -1 : nvb_record_open_dir(places->containers_fd, id);

    return dir_fd >= 0 && nvb_ending_read(dir_fd, out);
}

/* Whoever is in charge writes down how it ended, and strikes this process out: after that another
 * command sees that it has ended, too. */
static void
wait_for_note(const struct nvb_places *places, const char *id, const struct nvb_process *process)
{
    uint64_t last_ms = now_ms() + KILL_PATIENCE_MS;
    unsigned step_ms = STEP_FIRST_MS;

    for (; now_ms() < last_ms; rest(&step_ms)) {
        nvb_auto_sight sight = { 0 };

        nvb_sight_look(places->run_fd, id, &sight);
        if (!sight.is_locked || sight.process.pid != process->pid)
            return;
    }
}

/* The kernel's answer, where it gives one, is also for a container in the foreground, or one that is
 * removed at its end. */
static void wait_for_run(const struct nvb_places *places,
                         const char *id,
                         const struct nvb_process *process,
                         struct nvb_ending *out)
{
    nvb_autoclose int pid_fd = nvb_process_open(process);

    if (pid_fd >= 0) {
        (void)wait_for_process(pid_fd, -1);
        out->is_known = nvb_pid_status(pid_fd, &out->status);
    }
    wait_for_note(places, id, process);
    if (!out->is_known)
        (void)read_ending(places, id, out);
}

bool nvb_halt_wait(const struct nvb_places *places,
                   const char *id,
                   struct nvb_ending *out,
                   struct nvb_err *err)
{
    nvb_auto_status status = { 0 };

    *out = (struct nvb_ending){ 0 };
    nvb_status_look(places, id, &status);
    if (nvb_state_is_up(status.state))
        wait_for_run(places, id, &status.sight.process, out);
    else if (status.state == NVB_STATE_CREATED)
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' has not started yet", id);
    else
        (void)read_ending(places, id, out);
    return true;
}
