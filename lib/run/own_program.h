/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* own_program.h - does a command of the container lead to this program? Private to lib/run.
 *
 * Before the command replaces it, pid 1 is nvbind, and /proc/self/exe is its file outside of the
 * root. An image that starts it, directly or as the interpreter of a script, holds it open, and may
 * write to it as soon as nobody runs it any longer (CVE-2019-5736): it is the user's own file when
 * it was installed below the home. */
#pragma once

#include <stdbool.h>

/* Through the scripts on the way. nvbind as a file of the container's own is another matter. Async-
 * signal-safe. */
bool nvb_own_program_is_at(const char *path);
