/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* record.h - what is kept of a container between the commands: a directory of its id below the
 * root, with
 *
 *   container.json   its pid, when that process began, the bundle, its cgroups
 *   config.json      the config as it was when the container was created: what is changed in the
 *                    bundle afterwards has no effect
 *   start            a socket on which the container's first process waits for `start`
 *
 * What the container is doing is never written down but looked up: it is created while `start` is
 * there and the process lives, then running, and stopped when there is no such process. */
#pragma once

#include <sys/types.h>

#include "base/json.h"
#include "spec.h"

enum record_status {
    RECORD_CREATING = 1,
    RECORD_CREATED,
    RECORD_RUNNING,
    RECORD_PAUSED,
    RECORD_STOPPED,
};

struct record {
    int dir_fd; /* owned */
    char *root; /* owned; the directory of all */
    char *id;   /* owned */
    char *bundle;
    pid_t pid;                    /* 0: not yet */
    uint64_t start_time;          /* of that process, /proc/PID/stat */
    char *created;                /* owned; RFC 3339 */
    struct nvb_strv cgroups;      /* their directories */
    struct nvb_json *annotations; /* owned; NULL: none */
};

/* Below `root`; NULL: $XDG_RUNTIME_DIR/nvbind-runtime, and root's is /run/nvbind-runtime. */
char *record_dup_root(const char *root);

/* Letters, digits and "+-._:@", not beginning with a dot. */
bool record_check_id(const char *id, struct nvb_err *err);

/* A new one: NVB_E_CONFLICT when the id is taken. */
bool record_create(const char *root, const char *id, struct record **out, struct nvb_err *err);

/* NVB_E_NOT_FOUND when there is none. */
bool record_open(const char *root, const char *id, struct record **out, struct nvb_err *err);
bool record_save(const struct record *record, struct nvb_err *err);
bool record_save_config(const struct record *record,
                        const struct nvb_json *config,
                        struct nvb_err *err);
bool record_load_config(const struct record *record, struct spec **out, struct nvb_err *err);

/* The directory and all in it. */
void record_remove(const struct record *record);
void record_free(struct record *record);
NVB_DEFINE_AUTOPTR(record, record_free)

bool record_list(const char *root, struct nvb_strv *out_ids, struct nvb_err *err);

enum record_status record_status(const struct record *record);
const char *record_status_name(enum record_status status);

/* Of a process; 0 when there is none, or only what its parent has not reaped. */
uint64_t record_start_time(pid_t pid);

/* The state as the runtime specification describes it. */
struct nvb_json *record_to_state(const struct record *record, enum record_status status);
