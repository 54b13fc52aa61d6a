/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* order.h - what the supervisor is told on its command line, in words NAME=VALUE.
 *
 * Descriptors are numbers of what it inherits. It keeps others that it does not know: they hold
 * what the container uses. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "life/restart.h"

enum {
    CGROUPS_MAX = 3,
};

struct order {
    const char *id;
    const char *name;    /* NULL = none */
    const char *nvbind;  /* the program that starts it again, or removes it */
    int record_fd;       /* record=   its directory in the store */
    int run_fd;          /* run=      the directory of places */
    int lock_fd;         /* lock= */
    int pid_fd;          /* process=  pid 1 of the container */
    bool is_adopted;     /* adopted=1 it is no child of ours: its supervisor died */
    bool is_removed;     /* rm=1      when it has ended */
    uint64_t started_ns; /* started= since 1970 */
    uint64_t begun_ms;   /* begun=   by CLOCK_BOOTTIME */
    uint64_t log_max;    /* log-max= bytes of each stream that stay */
    enum nvb_restart restart;
    unsigned restart_max;
    struct nvb_restart_count count; /* failures=, delay= so far */
    const char *cgroups[CGROUPS_MAX];
    unsigned n_cgroups;
};

/* False when a word is not known or a needed one is missing. */
bool order_parse(int argc, char **argv, struct order *out);
