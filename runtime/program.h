/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* program.h - the last steps of a process that becomes the container's: rights, labels, filter,
 * then its program. */
#pragma once

#include "filter.h"
#include "spec.h"

/* The program's file, found along the PATH of the process; the caller frees. NVB_E_NO_COMMAND or
 * NVB_E_NOT_EXECUTABLE when there is none. */
bool program_find(const struct spec_process *process, char **out_path, struct nvb_err *err);

/* Limits of a process that is still waiting for them. */
bool program_limit(const struct spec_process *process, pid_t pid, struct nvb_err *err);

/* What must be opened while the host's /proc is there: where a label is written. -1: none. */
int program_open_label(const struct spec_process *process);

struct program {
    const struct spec_process *process; /* borrowed */
    const struct filter *filter;        /* borrowed */
    const char *path;                   /* borrowed; of program_find() */
    int label_fd;                       /* of program_open_label() */
    unsigned n_kept_fds;                /* from 3 on, for the program */
};

/* Does not return but with an error. */
bool program_execute(const struct program *program, struct nvb_err *err);
