/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* adopt.h - a new supervisor for a container whose own was killed. */
#pragma once

#include "life/places.h"

/* True when it has one, this or one that another command started meanwhile, or has ended. */
bool nvb_adopt(const struct nvb_places *places, const char *id, struct nvb_err *err);
