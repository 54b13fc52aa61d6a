/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* inside.h - the life of the container's first process, from its namespaces to its program. */
#pragma once

#include "filter.h"
#include "record.h"

struct inside {
    const struct spec *spec;     /* borrowed */
    const struct record *record; /* borrowed */
    const char *root_path;       /* borrowed; absolute */
    struct filter filter;
    int sync_fd;    /* a letter at a time from and to the runtime */
    int start_fd;   /* a socket that listens for "start" */
    int console_fd; /* where the terminal goes; -1: no terminal */
    unsigned n_kept_fds;
    bool may_pivot;
    bool has_keyring; /* a new one */
};

/* `data` is a struct inside. Returns only what the process shall exit with. */
int inside_main(void *data);
