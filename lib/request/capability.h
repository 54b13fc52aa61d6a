/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* capability.h - capabilities(7) by name, and which ones a container's root has.
 *
 * All of them count inside of the container's user namespace alone. */
#pragma once

#include "base/text.h"

/* A set is a bit a capability: 1 << CAP_CHOWN. What docker gives by default. */
uint64_t nvb_capabilities_usual(void);

/* "NET_ADMIN", in any case, with or without "CAP_". */
bool nvb_capability_parse(const char *name, unsigned *out_number, struct nvb_err *err);
const char *nvb_capability_name(unsigned number); /* "CAP_CHOWN"; NULL for one we do not know */

/* The usual set with what --cap-add and --cap-drop say, "ALL" among it: an added one stays added
 * when all are dropped, a dropped one dropped when all are added. */
bool nvb_capabilities_choose(char *const *added,
                             size_t n_added,
                             char *const *dropped,
                             size_t n_dropped,
                             uint64_t *out_set,
                             struct nvb_err *err);
