/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* frame_edits.h - what the frame layer needs in a container: its library, a manifest, a
 * variable. */
#pragma once

#include "resolve/plan.h"

/* Nothing but a warning when the layer is not installed: the program runs without figures. */
void nvb_frame_edits_add(struct nvb_plan *plan);
