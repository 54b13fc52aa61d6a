/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* variable_fate.h - what becomes of a variable that a profile sets. */
#pragma once

#include "nvbind/profile.h"
#include "profile/variable.h"

/* "emitted", "refused", or "unknown" to the registry, of which *out_variable is then NULL. */
const char *variable_fate(const struct nvb_profile_env *env,
                          const struct nvb_variable **out_variable);
