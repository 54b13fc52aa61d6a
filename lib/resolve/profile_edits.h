/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* profile_edits.h - what the plan's profile wants beyond GPU and display: variables, words before
 * the command, the shader cache, ntsync; and a reason or a warning for each. */
#pragma once

#include "resolve/plan.h"

void nvb_profile_edits_add(struct nvb_plan *plan, const struct nvb_host *host);
