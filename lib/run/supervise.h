/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* supervise.h - the parent while the container runs: signals, terminal, frame ticks, the end. */
#pragma once

#include "run/bolt.h"
#include "run/terminal.h"

struct nvb_supervisor {
    int pid_fd;                        /* borrowed; pid 1 of the container */
    int signal_fd;                     /* borrowed; every signal that can be passed on */
    const struct nvb_run_watch *watch; /* borrowed; may be NULL */
    struct nvb_terminal terminal;
    bool is_silent; /* the terminal's other side is not open at the moment */
};

/* Every signal that can be meant for the command waits in the descriptor from here on. */
bool nvb_supervise_signals(int *out_fd, struct nvb_err *err);

/* Until the container ends; its exit status, or 128 + signal. */
int nvb_supervise(struct nvb_supervisor *supervisor);
