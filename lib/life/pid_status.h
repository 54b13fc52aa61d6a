/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pid_status.h - how a process ended that is not our child: Linux 6.15 tells by its descriptor. The C
 * library alone: the supervisor asks as well. */
#pragma once

#include <stdbool.h>

/* It has ended; the kernel tells its status once somebody has reaped it, for which this waits. False
 * when nobody will ever know. 128 + N for signal N. */
bool nvb_pid_status(int pid_fd, unsigned *out_status);
