/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* yaml.h - JSON written as YAML: blocks with four spaces a level behind a "---". */
#pragma once

#include "base/json.h"

/* Text that could be taken for anything else is quoted; the result has ASCII only. */
char *nvb_yaml_dup_text(const struct nvb_json *json);
