/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* profile_report.h - a profile for a person or a program: each value with the layer that said it,
 * and, when asked why, with what it does, who reads it, and what is left out. */
#pragma once

#include "base/json.h"
#include "nvbind/profile.h"

void profile_report_print(const struct nvb_profile *profile, bool has_why);

/* Caller frees. */
struct nvb_json *profile_report_to_json(const struct nvb_profile *profile, bool has_why);
