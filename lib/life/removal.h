/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* removal.h - a container is removed: its record at once, then its name and its files. */
#pragma once

#include "life/presence.h"

/* Under its lock, which ends with it. True when nothing of it is left. */
bool nvb_removal(const struct nvb_places *places,
                 struct nvb_presence *presence,
                 struct nvb_err *err);

/* The rest of one that was interrupted: ".gone-ID". */
void nvb_removal_finish(const struct nvb_places *places, const char *gone);
