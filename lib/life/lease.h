/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* lease.h - the image of a recorded container stays in the store as long as the container does, and
 * stays the one it started from, whatever its name means later. */
#pragma once

#include "nvbind/error.h"

/* Before its first start. */
bool nvb_lease_take(const char *id, const char *digest, struct nvb_err *err);

/* The way to the image: "NAME@DIGEST", yours; NULL when there is no lease. */
char *nvb_lease_dup_image(const char *id, const char *name);

/* When it is removed. */
void nvb_lease_drop(const char *id);
