/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* log_lines.h - lines of a container's log on our own standard output and error. */
#pragma once

#include "life/log.h"

struct log_lines {
    bool has_times;
    bool as_json; /* an object a line, all on standard output */
};

/* For nvb_log_show(): `data` is a struct log_lines. */
void log_lines_print(void *data, const struct nvb_log_part *part);
