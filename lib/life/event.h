/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* event.h - what happens to containers, one line of JSON each, since the machine started.
 *
 *   {"time_ns":1763830000000000000,"event":"exit","id":"0123456789ab","name":"web","status":0}
 *
 * Writing needs the C library alone: the supervisor does it as well. One write a line in append
 * mode, so lines of several writers never mix. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NVB_EVENTS_FILE     "events"
#define NVB_EVENTS_OLD_FILE "events.old"

enum {
    NVB_EVENTS_MAX = 1 << 20, /* then it becomes the old file, and a new one begins */
    NVB_EVENT_TEXT = 512,
};

struct nvb_event {
    const char *what; /* "create", "start", "exit", "stop", "kill", "remove", "rename", "adopt" */
    const char *id;
    const char *name; /* NULL = none; letters, digits, '_', '.', '-' */
    bool has_status;
    bool is_known; /* the status */
    unsigned status;
};

/* Best effort: a container is not held up by a note about it. */
void nvb_event_write(int run_fd, const struct nvb_event *event);
