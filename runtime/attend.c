/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "attend.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "console.h"
#include "run/supervise.h"

bool attend_prepare(bool has_terminal, struct attend *out, struct nvb_err *err)
{
    *out = (struct attend){
        .console = {-1, -1},
          .signal_fd = -1
    };
    return !has_terminal || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out->console) == 0 ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot make a channel for the terminal");
}

static void catch_signals(struct attend *attend)
{
    static const int ours[] = { SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP, SIGSYS, SIGABRT,
                                SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGPIPE };
    sigset_t set;

    (void)sigfillset(&set);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        (void)sigdelset(&set, ours[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    attend->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int attend_process(struct attend *attend, pid_t pid)
{
    struct nvb_supervisor supervisor = {
        .pid_fd = (int)syscall(SYS_pidfd_open, pid, 0),
        .terminal = {.master = -1, .input = -1},
    };
    int status = 0;

    catch_signals(attend);
    supervisor.signal_fd = attend->signal_fd;
    if (attend->console[0] >= 0) {
        int master = console_receive(attend->console[0]);

        if (master >= 0)
            nvb_terminal_open(&supervisor.terminal, master, true);
    }
    status = nvb_supervise(&supervisor);
    (void)close(supervisor.pid_fd);
    return status;
}

void attend_clear(struct attend *attend)
{
    for (size_t i = 0; i < 2; i++) {
        if (attend->console[i] >= 0)
            (void)close(attend->console[i]);
    }
    if (attend->signal_fd >= 0)
        (void)close(attend->signal_fd);
}
