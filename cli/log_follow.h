/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* log_follow.h - a container's log as it grows. */
#pragma once

#include "life/places.h"
#include "log_lines.h"

/* Until the container has ended and no policy starts it again. */
void log_follow(const struct nvb_places *places,
                const char *id,
                int record_fd,
                struct nvb_log *log,
                struct log_lines *lines);
