/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* warning.h - what went less than well, and failures, told where the caller looks for them: on
 * stderr, and in the file of --log. */
#pragma once

#include "nvbind/error.h"

/* `path` may be NULL. */
void warning_open_log(const char *path, bool is_json);

void warning(const char *fmt, ...) NVB_PRINTF(1, 2);

/* The whole error, in one line for the log. */
void warning_complain(const struct nvb_err *err);
