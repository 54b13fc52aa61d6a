/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* outcome.h - how the container ended, and the note about it. */
#pragma once

#include "life/ending.h"
#include "order.h"

/* When its first process has ended. Of one that is not our child only Linux 6.15 knows the status;
 * elsewhere it is unknown. */
void outcome_take(const struct order *order, struct nvb_ending *out);

/* exit.json, whole or not at all, and on the disk. */
void outcome_write(const struct order *order, const struct nvb_ending *ending);
