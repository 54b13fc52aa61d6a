/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* idmap.h - the ids that stand behind a container's.
 *
 * What the image wants (container->map), or without a wish: an ordinary user gets one id, container
 * 1000 <- the caller; root gets container 0-65535 <- a range of nobody's (host/id_range.h). */
#pragma once

#include "host/id_map.h"
#include "run/launch.h"

/* Parent, before clone3: launch->map and what follows from it. */
bool nvb_idmap_choose(struct nvb_launch *launch, struct nvb_err *err);

/* Root only: a user namespace for an idmapped mount; `outside` of an extent is the id that a file of
 * id `inside` on the disk is shown as. A descriptor, or -1 with the error set. */
int nvb_idmap_open_namespace(const struct nvb_id_map *map, struct nvb_err *err);

/* For a volume whose owner is disk_uid:disk_gid: the container's user sees it as its own. With a
 * whole range of ids these two change places and every other id is the same on the disk. */
struct nvb_id_map
nvb_idmap_of_volume(const struct nvb_launch *launch, unsigned disk_uid, unsigned disk_gid);
