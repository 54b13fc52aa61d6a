/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ability.h - what this runtime can do, as "features" answers. */
#pragma once

#include "base/json.h"

struct nvb_json *ability_to_json(void);
