/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* idmap.h - which ids stand behind the container's (user_namespaces(7), "User and group ID
 * mappings").
 *
 * An ordinary user: container 1000 <- the caller, one id. Root: container 0-65535 <- a range
 * that no account and no subordinate range of the host uses, the same one every time. */
#pragma once

#include "run/launch.h"

/* A range of ids, or one? Root has a range. Root of an outer container, whose ids end early, is
 * like an ordinary user, unless its id 0 is the machine's own: that never stands behind a
 * container's user, and it is refused. */
bool nvb_idmap_has_range(bool *out_is_range, struct nvb_err *err);

/* The text of an account file: which field of a line is an id, and whether a count follows it. */
struct nvb_id_file {
    char *text;     /* owned; NULL when the file is absent */
    unsigned field; /* 0-based: 2 in passwd(5) and group(5), 1 in subuid(5) */
    bool is_range;
};

/* The first range that nothing in these files touches. */
bool nvb_idmap_choose_range(const struct nvb_id_file *files,
                            size_t n,
                            unsigned *out_base,
                            struct nvb_err *err);

/* Root only: the same with this host's files. */
bool nvb_idmap_find_range(unsigned *out_base, struct nvb_err *err);

/* Parent: write the maps of the child `pid`. */
bool nvb_idmap_write(const struct nvb_launch *launch, pid_t pid, struct nvb_err *err);

/* Root only: a user namespace for an idmapped mount that shows files of disk_uid:disk_gid as
 * shown_uid:shown_gid. A descriptor, or -1 with the error set. */
int nvb_idmap_open_namespace(unsigned disk_uid,
                             unsigned shown_uid,
                             unsigned disk_gid,
                             unsigned shown_gid,
                             struct nvb_err *err);
