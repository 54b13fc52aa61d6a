/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* log.h - the index beside what the container writes, and the end of what is too old
 * (life/log_format.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "life/log_format.h"

struct log_stream {
    int fd;         /* owned; -1 = it cannot be opened */
    uint64_t end;   /* as the index has it */
    uint64_t begin; /* where what stays begins */
};

struct log {
    int dir_fd;   /* owned */
    int index_fd; /* owned */
    uint64_t max;
    struct log_stream streams[NVB_LOG_STREAMS];
};

/* Whatever is missing is not kept; the container goes on. */
void log_open(struct log *log, int record_fd, uint64_t max);

/* Ask for SIGIO whenever the container writes (dnotify). Not inotify: of its instances a user has 128
 * for everything, and there may be 500 of us. */
bool log_watch(const struct log *log);

/* Write down how long the streams are now, if that has changed, and cut off what is too old. */
void log_note(struct log *log);
