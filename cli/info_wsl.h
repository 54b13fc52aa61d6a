/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* info_wsl.h - `nvbind info --wsl2`: what of WSL's GPU support is here, and what that means. */
#pragma once

#include <stdbool.h>

#include "nvbind/error.h"

struct nvb_host;

bool info_wsl_print(const struct nvb_host *host, bool as_json, struct nvb_err *err);
