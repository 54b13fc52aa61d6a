/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* id_map.h - the ids of a user namespace and what they are outside, and how they get there
 * (user_namespaces(7), "User and group ID mappings").
 *
 * One id, or root's range, is written by ourselves. Subordinate ids are given by newuidmap and
 * newgidmap alone, programs that are setuid root: some 2 ms, so there is a begin and an end, and
 * other work has room between them. */
#pragma once

#include <sys/types.h>

#include "base/text.h"
#include "host/id_range.h"

enum {
    NVB_ID_EXTENTS_MAX = 8,
};

struct nvb_id_map {
    struct nvb_id_extent uids[NVB_ID_EXTENTS_MAX];
    size_t n_uids;
    struct nvb_id_extent gids[NVB_ID_EXTENTS_MAX];
    size_t n_gids;
    bool is_helped; /* newuidmap and newgidmap write it */
};

/* What an id of the namespace is outside; false when it is not mapped. */
bool nvb_id_map_find(const struct nvb_id_extent *extents,
                     size_t n,
                     uint32_t inside,
                     uint32_t *out_outside);

/* Between begin and end; -1 and 0 for what is not there. */
struct nvb_id_map_work {
    pid_t uid_pid;
    pid_t gid_pid;
    int uid_output;
    int gid_output;
};

#define NVB_ID_MAP_WORK_INIT \
    {                        \
        0, 0, -1, -1         \
    }

/* Write the maps of `pid`, which has just entered a new user namespace, or have both programs
 * started that will. After a failure, too, `end` must be called. */
bool nvb_id_map_begin(const struct nvb_id_map *map,
                      pid_t pid,
                      struct nvb_id_map_work *work,
                      struct nvb_err *err);

/* They are written, or why not. */
bool nvb_id_map_end(struct nvb_id_map_work *work, struct nvb_err *err);
