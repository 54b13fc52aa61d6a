/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cgroup_tree.h - where the controllers are, and where in a tree a group may be made.
 *
 * Version 1 has a tree for each controller and leaves groups with processes alone. Version 2 has
 * one tree; a group whose children have controllers may have no process itself (the "no internal
 * processes" rule, from which only the real root is free), and who may write to a group's own
 * files is the owner of everything below it (delegation). */
#pragma once

#include "base/text.h"

struct nvb_cgroup_tree {
    char *top; /* owned; where it is mounted */
    bool is_v2;
};

/* The tree that has `controller`: one of version 1, else cgroup2. */
bool nvb_cgroup_tree_find(const char *controller, struct nvb_cgroup_tree *out, struct nvb_err *err);
void nvb_cgroup_tree_clear(struct nvb_cgroup_tree *tree);

/* Where cgroup2 is mounted, NULL without it. */
char *nvb_cgroup_tree_dup_v2(void);

/* The caller's own group of the cgroup2 tree; NULL when it cannot be seen from here. */
char *nvb_cgroup_tree_dup_own(const char *top);

/* Groups of cgroup2 below which one for a container may be made, the best first. */
void nvb_cgroup_tree_parents(const char *top, struct nvb_strv *out);

/* Of the whole machine, not of a cgroup namespace. */
bool nvb_cgroup_is_root(const char *group);

/* Is `controller` in the group's list? */
bool nvb_cgroup_offers(const char *group, const char *controller);

/* "limits cannot apply here: ..." with the advice for that case and this caller. */
bool nvb_cgroup_refuse_absent(const char *group, const char *controller, struct nvb_err *err);
bool nvb_cgroup_refuse_make(const char *parent, bool is_v2, struct nvb_err *err); /* by errno */
bool nvb_cgroup_refuse_write(const char *group, const char *file, struct nvb_err *err);
