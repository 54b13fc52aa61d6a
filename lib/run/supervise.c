/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    POLL_PROCESS = 0,
    POLL_SIGNAL,
    POLL_MASTER,
    POLL_INPUT,
    POLL_COUNT,
    SILENCE_MS = 20,           /* how often a terminal that nobody has open is looked at again */
    INPUT_WAITING_MAX = 65536, /* typed ahead; then the caller's terminal must wait */
};

/* SIGTSTP and its kin stay with the caller's shell; faults stay ours. */
bool nvb_supervise_signals(int *out_fd, struct nvb_err *err)
{
    static const int ours[] = { SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP, SIGSYS, SIGABRT,
                                SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGPIPE };
    sigset_t set;

    (void)sigfillset(&set);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        (void)sigdelset(&set, ours[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot block signals");
    *out_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *out_fd >= 0 || nvb_fail_errno(err, NVB_D_RUN, "cannot wait for signals");
}

static void pass_signal_on(const struct nvb_supervisor *s)
{
    struct signalfd_siginfo info;

    if (read(s->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    if (info.ssi_signo == SIGWINCH && s->terminal.master >= 0) {
        nvb_terminal_resize(&s->terminal);
        return;
    }
    (void)syscall(SYS_pidfd_send_signal, s->pid_fd, (int)info.ssi_signo, NULL, 0);
}

static void copy_terminal(struct nvb_supervisor *s, const struct pollfd *polled)
{
    if (polled[POLL_MASTER].revents & POLLOUT)
        nvb_terminal_write_input(&s->terminal);
    if (polled[POLL_MASTER].revents & (POLLIN | POLLHUP)) {
        /* Nobody in there has it open, which may change: closing it would hang up on them. */
        s->is_silent = !nvb_terminal_copy_output(&s->terminal);
    }
    if (polled[POLL_INPUT].revents)
        nvb_terminal_read_input(&s->terminal);
}

static int wait_for_end(const struct nvb_supervisor *s)
{
    siginfo_t info = { 0 };

    while (waitid(P_PIDFD, (id_t)s->pid_fd, &info, WEXITED) < 0 && errno == EINTR)
        continue;
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

int nvb_supervise(struct nvb_supervisor *s)
{
    int timeout_ms = s->watch && s->watch->tick && s->watch->tick_ms ? (int)s->watch->tick_ms : -1;

    for (;;) {
        const struct nvb_terminal *t = &s->terminal;
        bool takes_input = t->master >= 0 && t->input >= 0 && t->to_master.len < INPUT_WAITING_MAX;
        short master_events = (short)(POLLIN | (t->to_master.len > 0 ? POLLOUT : 0));
        struct pollfd polled[POLL_COUNT] = {
            [POLL_PROCESS] = {.fd = s->pid_fd,                      .events = POLLIN       },
            [POLL_SIGNAL] = { .fd = s->signal_fd,                  .events = POLLIN       },
            [POLL_MASTER] = { .fd = s->is_silent ? -1 : t->master, .events = master_events},
            [POLL_INPUT] = { .fd = takes_input ? t->input : -1,   .events = POLLIN       },
        };

        if (poll(polled, POLL_COUNT, s->is_silent ? SILENCE_MS : timeout_ms) < 0 && errno != EINTR)
            break;
        s->is_silent = false;
        if (polled[POLL_SIGNAL].revents)
            pass_signal_on(s);
        copy_terminal(s, polled);
        if (timeout_ms > 0)
            s->watch->tick(s->watch->data);
        if (polled[POLL_PROCESS].revents)
            break;
    }
    nvb_terminal_close(&s->terminal);
    return wait_for_end(s);
}
