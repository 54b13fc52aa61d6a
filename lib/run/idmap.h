/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* idmap.h - the ids that stand behind the container's are written (user_namespaces(7), "User and
 * group ID mappings").
 *
 * An ordinary user: container 1000 <- the caller, one id. Root: container 0-65535 <- a range of
 * nobody's (host/id_range.h). */
#pragma once

#include "host/id_range.h"
#include "run/launch.h"

/* Parent: write the maps of the child `pid`. */
bool nvb_idmap_write(const struct nvb_launch *launch, pid_t pid, struct nvb_err *err);

/* Root only: a user namespace for an idmapped mount that shows files of disk_uid:disk_gid as
 * shown_uid:shown_gid. A descriptor, or -1 with the error set. */
int nvb_idmap_open_namespace(unsigned disk_uid,
                             unsigned shown_uid,
                             unsigned disk_gid,
                             unsigned shown_gid,
                             struct nvb_err *err);
