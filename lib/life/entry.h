/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* entry.h - how a further command gets into a running container: its ids, filter, directory and
 * environment, kept beside its first process for as long as that runs.
 *
 *   RUN/ID/entry    "UID GID SANDBOX NETWORK OPENINGS NOFILE CAPABILITIES AMBIENT", the groups of an
 *                   image's user, the directory, the home and NAME=VALUE of each variable, a 0
 *                   behind each */
#pragma once

#include "life/presence.h"
#include "oci/container.h"

bool nvb_entry_write(const struct nvb_presence *presence,
                     const struct nvb_container *container,
                     struct nvb_err *err);

/* Without a command, an image and a root. NVB_E_CONFLICT: it does not run. */
bool nvb_entry_read(int run_fd,
                    const char *id,
                    struct nvb_container **out_container,
                    bool *out_has_own_groups,
                    struct nvb_err *err);
