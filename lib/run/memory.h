/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* memory.h - host/memo.h from one start to the next: a file among those that end with the boot. */
#pragma once

#include "host/memo.h"

/* Fill an empty memo. None is no error: the next look takes longer. */
void nvb_memory_recall(struct nvb_memo *memo);

/* Write what is new, if anything is. */
void nvb_memory_keep(const struct nvb_memo *memo);
