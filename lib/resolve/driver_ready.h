/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_ready.h - the driver views that stand ready on this machine (lib/run/driver_store.h makes
 * them): root's, which are everyone's, and the caller's own. Looked at only, nothing is held. */
#pragma once

#include <sys/types.h>

#include "base/text.h"

#define NVB_SYSTEM_VIEWS "/var/cache/nvbind/driver"

/* Is there a whole view of that name, made by that user? */
bool nvb_driver_is_ready(const char *dir, const char *name, uid_t owner);

/* One of that driver version and these capabilities, whatever it was made of; NULL when there is
 * none. The caller frees. */
char *
nvb_driver_ready_dup_name(const char *dir, const char *version, unsigned capabilities, uid_t owner);
