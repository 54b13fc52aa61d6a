/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* own_copy.h - this program, run from a sealed copy in memory.
 *
 * A container's process that is root on the host may open /proc/PID/exe of the runtime while it
 * waits inside, and write to the file behind it (CVE-2019-5736). Behind a copy there is nothing. */
#pragma once

#include "nvbind/error.h"

/* Returns in the copy, or at once where none is needed. */
bool own_copy_enter(char **argv, struct nvb_err *err);
