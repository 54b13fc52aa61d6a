/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* filter.h - which containers a list is about: KEY=VALUE, as `nvbind ps --filter` takes it. */
#pragma once

#include "life/roster.h"

bool filter_check(const struct nvb_strv *filters, struct nvb_err *err);

/* Is it about those that do not run, too? */
bool filter_wants_all(const struct nvb_strv *filters);

/* Of one key any may hold, of several keys each must. */
bool filter_takes(const struct nvb_strv *filters, const struct nvb_listed *listed);
