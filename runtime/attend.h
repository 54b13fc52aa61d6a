/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* attend.h - the runtime while a process that it started runs in the foreground: signals go on to
 * it, its terminal is the caller's, its end is ours. */
#pragma once

#include <sys/types.h>

#include "nvbind/error.h"

/* Where the terminal will come from: to be made before the process; both -1 without one. */
struct attend {
    int console[2]; /* ours, the process's */
    int signal_fd;
};

bool attend_prepare(bool has_terminal, struct attend *out, struct nvb_err *err);

/* Until it ends; its exit status, or 128 + signal. */
int attend_process(struct attend *attend, pid_t pid);
void attend_clear(struct attend *attend);
