/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* places.h - where containers are written down; what lib/life shares.
 *
 *   STORE/containers/ID/container.json  what was asked for; whole on the disk before it first starts
 *   STORE/containers/ID/exit.json       how it ended last; absent while it runs
 *   STORE/containers/ID/stopped         a user stopped it: no policy starts it again
 *   STORE/containers/ID/log/            what it wrote: stdout, stderr, index; since it first started
 *   STORE/containers/ID/layer/          what it changed
 *   STORE/containers/.gone-ID/          one that is being removed
 *   STORE/names/NAME                    a link to ID: who makes it first has the name
 *   RUN/ID/lock                         locked by whoever is in charge of the container
 *   RUN/ID/pid                          its first process, and a line that says what it is
 *   RUN/ID/entry                        how a further command gets in (entry.h)
 *   RUN/events                          what happened since the machine started
 *
 * Nothing says in which state a container is: that follows from these (state.h), so that no crash
 * leaves a wrong one. A container that runs in the foreground has its place in RUN alone. */
#pragma once

#include "base/text.h"

enum {
    NVB_ID_SIZE = 13, /* 12 hex digits and their end */
};

#define NVB_RECORD_FILE  "container.json"
#define NVB_EXIT_FILE    "exit.json"
#define NVB_STOPPED_FILE "stopped"
#define NVB_LOG_DIR      "log"
#define NVB_LAYER_DIR    "layer"
#define NVB_LOCK_FILE    "lock"
#define NVB_PROCESS_FILE "pid"
#define NVB_ENTRY_FILE   "entry"
#define NVB_GONE_PREFIX  ".gone-"
#define NVB_EVENTS_FILE  "events"

struct nvb_places {
    int containers_fd; /* owned; -1 = no container was ever recorded */
    int names_fd;      /* owned; -1 = no name was ever given */
    int run_fd;        /* owned; -1 = none runs since the machine started */
};

#define NVB_PLACES_INIT \
    {                   \
        -1, -1, -1      \
    }

/* Those that are there; RUN as soon as a container was recorded. */
bool nvb_places_open(struct nvb_places *out, struct nvb_err *err);

/* For a new container; in the foreground only RUN, and names when it has one. */
bool nvb_places_make(struct nvb_places *out, bool has_record, bool has_name, struct nvb_err *err);
void nvb_places_clear(struct nvb_places *places);
#define nvb_auto_places __attribute__((cleanup(nvb_places_clear))) struct nvb_places

/* 12 hex digits, and nothing else? */
bool nvb_is_id(const char *text);
