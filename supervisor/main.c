/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvbind-supervisor - stays with a detached container: its parent, and nothing that it needs.
 *
 * The process that started the container becomes this program, so it is the parent that the kernel
 * tells how the container ended. It is small, since one stays in memory for each container: the C
 * library alone, no heap, no JSON but one line that it prints.
 *
 * Nothing is lost when it is killed: the container writes to its log itself, and the next command
 * that sees the container without one starts another (adopted=1). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "life/event.h"
#include "life/places.h"
#include "life/supervision.h"
#include "log.h"
#include "outcome.h"

enum {
    BLIND_MS = 100, /* how often the log is looked at where the kernel does not tell */
};

/* Signals are for the container; what is meant for us is SIGKILL. But the kernel's word that a
 * watched directory changed is one, too. */
static int catch_signals(void)
{
    sigset_t all;
    sigset_t change;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)sigemptyset(&change);
    (void)sigaddset(&change, SIGIO);
    return signalfd(-1, &change, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What it inherits stays open over this program's own exec only where that is wanted. */
static void own_descriptors(const struct order *order)
{
    const int fds[] = { order->record_fd, order->run_fd, order->lock_fd, order->pid_fd };

    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    (void)!chdir("/"); /* no file system is held */
}

static void drain(int signal_fd)
{
    struct signalfd_siginfo info;

    while (read(signal_fd, &info, sizeof(info)) > 0)
        continue;
}

/* Until the container's first process ended. After each note it rests a tick. */
static void stay(const struct order *order, int signal_fd, struct log *log)
{
    bool can_see = log_watch(log);
    bool is_resting = false;

    log_note(log);
    for (;;) {
        struct pollfd polled[2] = {
            {.fd = order->pid_fd,                .events = POLLIN},
            { .fd = is_resting ? -1 : signal_fd, .events = POLLIN},
        };

        if (poll(polled, 2, is_resting ? NVB_LOG_TICK_MS : can_see ? -1 : BLIND_MS) < 0)
            continue;
        if (polled[0].revents)
            break;
        if (is_resting) {
            is_resting = false;
            continue;
        }
        drain(signal_fd);
        log_note(log);
        is_resting = can_see;
    }
    log_note(log);
}

/* Who keeps its network sees the end as well, and is our child; then its ports are free. */
static void reap_others(void)
{
    const struct timespec moment = { .tv_nsec = 1000000 };

    for (int tries = 0; waitpid(-1, NULL, WNOHANG) >= 0 && tries < 2000; tries++)
        (void)nanosleep(&moment, NULL);
}

/* The kernel lets go of the cgroup a moment after the last process is reaped. */
static void remove_cgroups(const struct order *order)
{
    const struct timespec moment = { .tv_nsec = 1000000 };

    for (unsigned i = 0; i < order->n_cgroups; i++) {
        for (int tries = 0; rmdir(order->cgroups[i]) < 0 && errno == EBUSY && tries < 50; tries++)
            (void)nanosleep(&moment, NULL);
    }
}

static bool is_stopped(const struct order *order)
{
    return faccessat(order->record_fd, NVB_STOPPED_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Before it starts again; false when a user stopped it meanwhile. */
static bool wait_for_turn(const struct order *order, int signal_fd, unsigned delay_ms)
{
    bool can_see = fcntl(order->record_fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT) == 0;
    struct timespec now;
    uint64_t end_ms = 0;
    uint64_t now_ms = 0;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    end_ms = now_ms + delay_ms;
    while (now_ms < end_ms && !is_stopped(order)) {
        struct pollfd polled = { .fd = signal_fd, .events = POLLIN };
        uint64_t left_ms = end_ms - now_ms;

        (void)poll(&polled, 1, (int)(can_see || left_ms < BLIND_MS ? left_ms : BLIND_MS));
        drain(signal_fd);
        (void)clock_gettime(CLOCK_BOOTTIME, &now);
        now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    }
    return !is_stopped(order);
}

static void write_event(const struct order *order, const struct nvb_ending *ending)
{
    const struct nvb_event event = {
        .what = "exit",
        .id = order->id,
        .name = order->name,
        .has_status = true,
        .is_known = ending->is_known,
        .status = ending->status,
    };

    nvb_event_write(order->run_fd, &event);
}

/* nvbind goes on in our place, with our lock. */
static void become(const struct order *order, const char *command)
{
    char lock[16];

    (void)snprintf(lock, sizeof(lock), "%d", order->lock_fd);
    (void)setenv(NVB_SUPERVISION_VARIABLE, lock, 1);
    (void)fcntl(order->lock_fd, F_SETFD, 0);
    (void)execl(order->nvbind, "nvbind", command, order->id, (char *)NULL);
}

static void remove_file(const struct order *order, const char *file)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%.12s/%s", order->id, file);
    (void)unlinkat(order->run_fd, path, 0);
}

static void leave(const struct order *order)
{
    remove_file(order, NVB_LOCK_FILE);
    (void)unlinkat(order->run_fd, order->id, AT_REMOVEDIR);
}

int main(int argc, char **argv)
{
    struct order order;
    struct nvb_ending ending;
    struct log log;
    int signal_fd = -1;

    if (!order_parse(argc, argv, &order)) {
        (void)fputs("nvbind-supervisor: it is started by nvbind run -d\n", stderr);
        return 2;
    }
    signal_fd = catch_signals();
    own_descriptors(&order);
    log_open(&log, order.record_fd, order.log_max);
    stay(&order, signal_fd, &log);
    outcome_take(&order, &ending);
    outcome_write(&order, &ending);
    reap_others();
    remove_cgroups(&order);
    write_event(&order, &ending);
    remove_file(&order, NVB_ENTRY_FILE);
    remove_file(&order, NVB_PROCESS_FILE);
    if (order.is_removed) {
        become(&order, "rm");
    } else if (nvb_restart_is_due(order.restart, order.restart_max, &ending.count) &&
               wait_for_turn(&order, signal_fd, ending.count.delay_ms)) {
        become(&order, "start");
    }
    leave(&order);
    return 0;
}
