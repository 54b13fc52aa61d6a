/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* beside.h - one more process in a running container: "exec". */
#pragma once

#include "record.h"

struct beside_options {
    const struct spec_process *process; /* borrowed */
    const struct nvb_json *seccomp;     /* borrowed; of the container */
    const char *pid_file;               /* NULL: none */
    const char *console_socket;         /* NULL: none */
    int console_fd;                     /* instead of the socket's name; -1: none */
    unsigned n_kept_fds;
};

/* True when its program runs; *out_pid is a child of ours. */
bool beside_start(const struct record *record,
                  const struct beside_options *options,
                  pid_t *out_pid,
                  struct nvb_err *err);
