/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* group.h - the container's control groups, of version 1, 2 or both.
 *
 * A container gets a directory of its name in each tree of version 1, and in that of version 2,
 * where they are. On a machine that mounts both, the controllers are where the kernel has them. */
#pragma once

#include <sys/types.h>

#include "spec.h"

/* One tree that is mounted here. */
struct group_tree {
    char *top;         /* owned; "/sys/fs/cgroup/memory" */
    char *own;         /* owned; "/user.slice": the group of this process in it */
    char *controllers; /* owned; "cpu,cpuacct"; "" for version 2; "name=systemd" */
    bool is_v2;
};

struct group_trees {
    struct group_tree *items; /* owned */
    size_t n;
    bool has_v2_only;
};

bool group_trees_read(struct group_trees *out, struct nvb_err *err);
void group_trees_clear(struct group_trees *trees);

/* Make them, with the limits of the spec; *out_dirs are their directories. What cannot be made is
 * passed over only when nothing was asked of it. */
bool group_make(const struct spec *spec,
                const char *id,
                bool is_systemd,
                struct nvb_strv *out_dirs,
                struct nvb_err *err);

bool group_enter(const struct nvb_strv *dirs, pid_t pid, struct nvb_err *err);

/* Set limits of `resources` anew. */
bool group_update(const struct nvb_strv *dirs, struct field_of resources, struct nvb_err *err);

bool group_is_frozen(const struct nvb_strv *dirs);
bool group_freeze(const struct nvb_strv *dirs, bool is_frozen, struct nvb_err *err);

/* Every process in them and below them. */
bool group_list_pids(const struct nvb_strv *dirs, pid_t **out_pids, size_t *out_n);
void group_kill(const struct nvb_strv *dirs, int signal);
void group_remove(const struct nvb_strv *dirs);

/* Write one file of a group. */
bool group_write(const char *dir, const char *file, const char *value, struct nvb_err *err);
