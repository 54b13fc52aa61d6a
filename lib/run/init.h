/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* init.h - pid 1 of the container: starts the command, passes signals on, reaps orphans
 * (child side). */
#pragma once

#include "run/launch.h"

/* Every signal as a new program expects it: by default and not blocked. */
void nvb_reset_signals(void);

/* Ends with the command's exit status, or 128 + the signal that ended it; the kernel then kills
 * what is left in the pid namespace. */
_Noreturn void nvb_init_main(const struct nvb_launch *launch);

/* The command alone, in a container that has a pid 1 already. */
_Noreturn void nvb_init_command(const struct nvb_launch *launch);
