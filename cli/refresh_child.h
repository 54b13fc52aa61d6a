/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* refresh_child.h - one run of `nvbind cdi refresh` in a process of its own.
 *
 * A driver's library is opened there, so what it leaves behind, and its death, stay there. */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "base/text.h"

struct refresh_child {
    pid_t pid;
    int out_fd; /* owned; files that get its stdout and stderr */
    int err_fd; /* owned */
};

/* `words` end with NULL; `mask` is the set of signals that it shall block. */
bool refresh_child_start(struct refresh_child *child,
                         char *const *words,
                         const sigset_t *mask,
                         struct nvb_err *err);

/* True once it has ended; its exit status, 128 and more for a signal. */
bool refresh_child_has_ended(const struct refresh_child *child, int *out_status);

/* What it wrote to one of the two so far; the caller frees. */
char *refresh_child_dup_text(int fd);

#define REFRESH_CHILD_INIT          \
    {                               \
        .out_fd = -1, .err_fd = -1, \
    }
void refresh_child_clear(struct refresh_child *child);
#define auto_refresh_child __attribute__((cleanup(refresh_child_clear))) struct refresh_child
