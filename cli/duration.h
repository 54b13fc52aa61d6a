/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* duration.h - lengths of time as people say them, and moments as machines write them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "3 seconds", "About an hour" is "1 hour", "5 days"; yours. */
char *duration_dup_text(double seconds);

/* "2026-11-22T18:17:19.529521997Z", yours; NULL for 0, which means that it is not known. */
char *moment_dup_text(uint64_t ns);

/* Nanoseconds since 1970, now. */
uint64_t moment_now_ns(void);

/* "2026-11-22T18:17:19Z", with a fraction, an offset or neither, "1795371439" or how long ago: "90s",
 * "10m", "2h", "3d". */
bool moment_parse(const char *text, uint64_t *out_ns);
