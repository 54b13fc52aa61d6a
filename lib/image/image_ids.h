/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_ids.h - whose ids stand behind the users of an image's container.
 *
 *   root             0 to 65535 <- the range of the store, or with another's store a range of
 *                    nobody's, its files shown with these ids
 *   an ordinary user 0 <- the user, 1 and up <- the subordinate ids
 *   without these, or on wish: one id, the container's user <- the caller */
#pragma once

#include "image/account.h"
#include "image/store_ids.h"
#include "nvbind/request.h"
#include "oci/container.h"

/* Fill c->map and c->lower_ids for this user. *out_is_alone: it had to be one id. */
bool nvb_image_ids_choose(const struct nvb_store_ids *store,
                          enum nvb_userns_wish wish,
                          const struct nvb_account *user,
                          struct nvb_container *c,
                          bool *out_is_alone,
                          struct nvb_err *err);

/* How a container with these ids sees a file of the store; its root's when that is nobody's. */
void nvb_image_ids_show(const struct nvb_container *c,
                        uid_t uid,
                        gid_t gid,
                        unsigned *out_uid,
                        unsigned *out_gid);
