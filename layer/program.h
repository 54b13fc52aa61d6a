/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* program.h - the name under which a game is shown. */
#pragma once

#include <stddef.h>

/* The Windows program when Wine runs one, else the name of this process's program; cut to
 * `size` bytes and padded with NULs, as ring.h wants it. */
void program_get_name(char *out, size_t size);
