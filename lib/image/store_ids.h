/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store_ids.h - whose ids the files of a store have: one mapping for all of it, chosen when the
 * store is made and never changed.
 *
 *   single  an ordinary user without subordinate ids: every file is the user's own
 *   full    an ordinary user with them (subuid(5)): 0 is the user, 1 and up are the subordinate ones
 *   range   root: a range of ids that belongs to nobody on this host
 *
 * A container of such an image has the same mapping, so its files are just right and nothing is
 * ever copied or chowned at a start. */
#pragma once

#include <sys/types.h>

#include "base/text.h"
#include "host/id_map.h"

enum nvb_store_ids_kind {
    NVB_IDS_SINGLE = 1,
    NVB_IDS_FULL,
    NVB_IDS_RANGE,
};

struct nvb_store_ids {
    enum nvb_store_ids_kind kind;
    struct nvb_id_extent uids[NVB_ID_EXTENTS_MAX];
    size_t n_uids;
    struct nvb_id_extent gids[NVB_ID_EXTENTS_MAX];
    size_t n_gids;
};

/* What a store that this process makes now would get. */
bool nvb_store_ids_choose(struct nvb_store_ids *out, struct nvb_err *err);

/* ids.json of a store. */
bool nvb_store_ids_read(int store_fd, struct nvb_store_ids *out, struct nvb_err *err);
bool nvb_store_ids_write(int store_fd, const struct nvb_store_ids *ids, struct nvb_err *err);

/* May this process make files of these ids? If not (another user's store, subordinate ids that
 * were taken away), the error says what to do. */
bool nvb_store_ids_check(const struct nvb_store_ids *ids, struct nvb_err *err);

struct nvb_id_map nvb_store_ids_get_map(const struct nvb_store_ids *ids);

/* Write the maps of process `pid`, which has just entered a new user namespace: by ourselves
 * (single, range) or with newuidmap and newgidmap (full). */
bool nvb_store_ids_map(const struct nvb_store_ids *ids, pid_t pid, struct nvb_err *err);
