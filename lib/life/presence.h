/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* presence.h - a container's place among the files that end with the boot: who is in charge of
 * it, which process is its first, and what it is.
 *
 * The lock is one of an open file description (fcntl(2), F_OFD_SETLK): it goes over fork and exec
 * with the descriptor, ends with its last copy, however that ends, and can be asked for without
 * being taken. */
#pragma once

#include "base/process.h"
#include "life/places.h"

/* A place that is ours while the lock is. */
struct nvb_presence {
    char id[NVB_ID_SIZE];
    int run_fd;  /* borrowed */
    int dir_fd;  /* owned; -1 = none */
    int lock_fd; /* owned; -1 = none */
};

#define NVB_PRESENCE_INIT                         \
    {                                             \
        .run_fd = -1, .dir_fd = -1, .lock_fd = -1 \
    }

/* Make it, if need be, and lock it. NVB_E_CONFLICT: somebody else is in charge. */
bool nvb_presence_take(int run_fd, const char *id, struct nvb_presence *out, struct nvb_err *err);

/* The same with the lock that another program left to this one. */
bool nvb_presence_inherit(int run_fd,
                          const char *id,
                          int take_lock_fd,
                          struct nvb_presence *out,
                          struct nvb_err *err);

/* Write down its first process, and `face`: one line about the container. */
bool nvb_presence_tell(const struct nvb_presence *presence,
                       const struct nvb_process *process,
                       const char *face,
                       struct nvb_err *err);

/* Forget the process, keep the lock. */
void nvb_presence_forget(const struct nvb_presence *presence);

/* Remove it. */
void nvb_presence_leave(struct nvb_presence *presence);

/* Close it without removing it: another process has it. */
void nvb_presence_clear(struct nvb_presence *presence);
#define nvb_auto_presence __attribute__((cleanup(nvb_presence_clear))) struct nvb_presence

/* What can be seen of one without touching it. */
struct nvb_sight {
    bool is_there;
    bool is_locked;
    struct nvb_process process; /* pid 0: none is written down */
    char *face;                 /* owned; NULL = none */
};

/* Is somebody in charge of it? */
bool nvb_presence_is_held(int run_fd, const char *id);

void nvb_sight_look(int run_fd, const char *id, struct nvb_sight *out);
void nvb_sight_clear(struct nvb_sight *sight);
#define nvb_auto_sight __attribute__((cleanup(nvb_sight_clear))) struct nvb_sight
