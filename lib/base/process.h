/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* process.h - a process that is meant, and not another one that has its number later.
 *
 * Numbers come back, so a process is named by its number, its start time (field 22 of
 * /proc/PID/stat, in clock ticks since boot, the same for the process's life, exec included) and
 * the boot that this counts from. From Linux 6.9 on its descriptor has an inode of its own, which
 * never comes back and can be seen even where /proc hides processes (hidepid). */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "nvbind/error.h"

enum {
    NVB_BOOT_ID = 37, /* a UUID and its end */
    NVB_PROCESS_TEXT = 128,
};

struct nvb_process {
    pid_t pid;
    uint64_t start_ticks;
    char boot_id[NVB_BOOT_ID];
    uint64_t inode; /* 0 = the kernel gives none */
};

/* 0 when there is no such process. */
uint64_t nvb_process_start_ticks(pid_t pid);

/* False when it is gone, or /proc is not there. */
bool nvb_process_read(pid_t pid, struct nvb_process *out);

/* "PID START BOOT", and the inode if there is one; and back. */
void nvb_process_print(const struct nvb_process *process, char out[NVB_PROCESS_TEXT]);
bool nvb_process_parse(const char *text, struct nvb_process *out);

/* It, and no other: a descriptor, or -1 when it has ended. */
int nvb_process_open(const struct nvb_process *process);

/* Has the process behind a descriptor ended? */
bool nvb_process_has_ended(int pid_fd);

/* Seconds since it began, by the clock that knows suspended time, not by the one that people set. */
double nvb_process_age_s(const struct nvb_process *process);

/* "" when it cannot be read. */
void nvb_boot_id(char out[NVB_BOOT_ID]);
