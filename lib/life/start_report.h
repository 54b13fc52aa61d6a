/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* start_report.h - what the process that starts a container tells the one that waits for it: one
 * line of JSON through a pipe. Private to lib/life. */
#pragma once

#include "base/text.h"

/* It runs. */
void nvb_start_report_success(int fd, const struct nvb_strv *warnings);

/* It does not. */
void nvb_start_report_failure(int fd, const struct nvb_err *err);

/* Wait for the line; false with the other's error. */
bool nvb_start_report_read(int fd, struct nvb_strv *out_warnings, struct nvb_err *err);
