/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* launch.h - what parent and child of one start share. Private to lib/run.
 *
 * Everything is prepared before clone3, since after it the child may call only
 * async-signal-safe functions: no malloc, no stdio (the caller may have threads). */
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include "oci/container.h"
#include "run/phases.h"

enum {
    NVB_SOURCE_NONE = -1,
    NVB_SOURCE_NAMED = -2, /* a node in /dev: bound by its name */
};

struct nvb_connection;

/* What lies upon the image's own layers. */
enum {
    NVB_LOWER_OURS = 0, /* files that we put into each container */
    NVB_LOWER_LAYER,    /* the container's layer */
    NVB_LOWER_FIRST,
};

struct nvb_launch {
    const struct nvb_container *container; /* borrowed */
    struct nvb_phases *phases;             /* shared page */
    int control;   /* child: its end of the control channel; parent: the other */
    bool is_range; /* root runs it: the parent opens what the container gets, and maps its ids */
    bool has_many_ids;     /* the child is root of its namespace first, then the user */
    struct nvb_id_map map; /* whose ids stand behind the container's */
    unsigned root_uid;     /* whom files belong to that the child makes */
    unsigned root_gid;
    int *source_fds; /* one an edit: nodes first, then mounts; or NVB_SOURCE_... */
    size_t n_sources;
    int layer_fd;          /* child: the container's layer, in its own mount namespace; -1 = none */
    bool is_layer_foreign; /* its files' owners are unknown in there: copied instead */
    int *lower_fds;        /* NVB_LOWER_FIRST, then one a directory of container->lowers */
    size_t n_lowers;       /* of those */
    bool has_trees;        /* the parent opened these, as mounts without a place */
    int kept_fd; /* child: where the container's "upper" and "work" are kept; -1 = nowhere */
    struct sock_fprog filter;
    int null_fd;     /* /dev/null, for a command without -i; -1 with -i */
    int terminal_fd; /* child: the terminal of a command with -t; -1 = none */
    int master_fd;   /* child: its other side when nobody else will have it; -1 = none */
    struct nvb_connection
        *connection; /* what a keeper makes; NULL = the child makes it alone, or none */
};

/* The namespaces that the child of a helped map makes itself, as flags of clone(2); else none. */
int nvb_late_namespaces(const struct nvb_launch *launch);

/* The largest message on the control channel. */
enum {
    NVB_MESSAGE_TEXT = 768,
};

/* Child -> parent: 'E' a failure, 'F' descriptors (then the child waits for one byte);
 * parent -> child: one byte "go on", and one more "live without me" to a detached container. The
 * channel's end of file is the success of execve.
 * The network's keeper -> child: 'R' ready, 'E' a failure. */
struct nvb_message {
    char type;
    unsigned char kind; /* enum nvb_kind, type 'E' */
    int sys_errno;
    char text[NVB_MESSAGE_TEXT];
    char hint[256];
};

/* The child's life from clone3 to exec; never returns. */
_Noreturn void nvb_child_main(struct nvb_launch *launch);

/* Tell the parent why the start failed and end. `sys_errno` is appended in words unless 0. */
_Noreturn void nvb_child_die(const struct nvb_launch *launch, int sys_errno, const char *fmt, ...)
    NVB_PRINTF(3, 4);
_Noreturn void nvb_child_die_kind(const struct nvb_launch *launch,
                                  enum nvb_kind kind,
                                  const char *hint,
                                  const char *fmt,
                                  ...) NVB_PRINTF(4, 5);

/* Until the parent says "go on"; without a parent the process ends. */
void nvb_child_wait_for_parent(const struct nvb_launch *launch);

/* Hand descriptors to the parent and wait for its "go on". */
void nvb_child_send_fds(const struct nvb_launch *launch, const int *fds, size_t n);
