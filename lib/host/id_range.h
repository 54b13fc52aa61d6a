/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* id_range.h - which ids of this host may stand behind a container's.
 *
 * Root: a range that no account and no subordinate range of the host uses, the same one every
 * time. An ordinary user: the own id, and the subordinate ids of subuid(5) if there are any. */
#pragma once

#include <sys/types.h>

#include "base/text.h"

enum {
    NVB_ID_RANGE = 65536,
};

/* Ids of a namespace, what they are on this host, how many. */
struct nvb_id_extent {
    uint32_t inside;
    uint32_t outside;
    uint32_t count;
};

/* A range of ids, or one? Root has a range. Root of an outer container, whose ids end early, is
 * like an ordinary user, unless its id 0 is the machine's own: that never stands behind a
 * container's user, and it is refused. */
bool nvb_id_range_has(bool *out_is_range, struct nvb_err *err);

/* The text of an account file: which field of a line is an id, and whether a count follows it. */
struct nvb_id_file {
    char *text;     /* owned; NULL when the file is absent */
    unsigned field; /* 0-based: 2 in passwd(5) and group(5), 1 in subuid(5) */
    bool is_range;
};

/* The first range that nothing in these files touches. */
bool nvb_id_range_choose(const struct nvb_id_file *files,
                         size_t n,
                         unsigned *out_base,
                         struct nvb_err *err);

/* Root only: the same with this host's files. */
bool nvb_id_range_find(unsigned *out_base, struct nvb_err *err);

/* The lines of subuid(5) or subgid(5) that are this user's, by name (NULL when it has none) or
 * number, as extents that follow on each other inside from 1 on; at most `max` extents and 2^32 - 2
 * ids in all. Gives how many. */
size_t nvb_id_range_subordinate(const char *text,
                                const char *user,
                                uid_t uid,
                                struct nvb_id_extent *out,
                                size_t max);
