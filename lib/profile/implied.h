/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* implied.h - settings that follow from others where nobody said otherwise. */
#pragma once

#include "nvbind/profile.h"

/* Fill in what follows; what any layer said stays. */
void nvb_implied_add(struct nvb_profile *profile);
