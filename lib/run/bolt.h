/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* bolt.h - the engine: starts a container in this process and stays with it until it ends.
 *
 *   caller ── clone3 ──> pid 1 (ours: builds the root, locks itself in, reaps) ── vfork ──> command
 *
 * The caller is the supervisor: it forwards signals, holds the terminal and waits. Whatever
 * kills it kills pid 1 (PR_SET_PDEATHSIG), hence every process of the container; all mounts live
 * in the container's own mount namespace and all its files in a tmpfs of that namespace. So a
 * SIGKILL at any moment leaves nothing behind: no process, no mount, no directory.
 *
 * A detached container is tied to the caller only until its command runs. It writes to the caller's
 * standard output and error, which are the files of its log, and keeps its terminal to itself. */
#pragma once

#include <sys/types.h>

#include "oci/container.h"
#include "run/phases.h"

/* What there is of a container before its command runs; all borrowed. */
struct nvb_birth {
    pid_t pid;
    char *const *cgroups; /* directories of its groups */
    size_t n_cgroups;
};

/* What the caller may follow while the container runs; every function may be NULL. */
struct nvb_run_watch {
    /* When its first process exists, and before that can live without the caller: write down where
     * it is. */
    bool (*born)(void *birth_data, const struct nvb_birth *birth, struct nvb_err *err);
    void *birth_data; /* borrowed */
    /* Before the command starts, when the container has a frame ring: its file, to be closed
     * by the callee. */
    bool (*ring)(void *data, int take_ring_fd, struct nvb_err *err);
    /* Before the command starts: a line that the user should read. */
    void (*notice)(void *data, const char *text);
    /* Every `tick_ms` while it runs. */
    void (*tick)(void *data);
    unsigned tick_ms; /* 0 = never */
    void *data;       /* borrowed */
};

struct nvb_run_result {
    int exit_status; /* the command's own, or 128 + signal */
    struct nvb_phases phases;
    struct nvb_strv warnings; /* what could not be done as wished; owned */
};

/* A started container in the hands of who started it. */
struct nvb_bolt;

/* Until its command runs. False when that could not be started: kind NVB_E_NO_COMMAND (127),
 * NVB_E_NOT_EXECUTABLE (126) or any other (125). Container and watch are borrowed until the end.
 * From here on signals wait for the command. */
bool nvb_bolt_start(const struct nvb_container *container,
                    const struct nvb_run_watch *watch,
                    struct nvb_bolt **out_bolt,
                    struct nvb_err *err);

/* Stay with it to its end. */
void nvb_bolt_wait(struct nvb_bolt *take_bolt, struct nvb_run_result *out_result);

/* What could not be done as wished, until it is waited for or let go. */
const struct nvb_strv *nvb_bolt_get_warnings(const struct nvb_bolt *bolt);

/* Leave a detached container to itself: its process as a descriptor that is the caller's. Signals
 * go on waiting, for whoever will be in the caller's place; its cgroup stays. */
int nvb_bolt_let_go(struct nvb_bolt *take_bolt);

/* Both. */
bool nvb_bolt_run(const struct nvb_container *container,
                  const struct nvb_run_watch *watch,
                  struct nvb_run_result *out_result,
                  struct nvb_err *err);
void nvb_run_result_clear(struct nvb_run_result *result);

/* The ids behind the container's user: the caller's own, or for root an id of a range that
 * belongs to nobody on this host. */
bool nvb_bolt_host_ids(const struct nvb_container *container,
                       unsigned *out_uid,
                       unsigned *out_gid,
                       struct nvb_err *err);
