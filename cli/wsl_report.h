/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* wsl_report.h - what `info --wsl2` sees of a Linux inside Windows, and what it means. */
#pragma once

#include "base/json.h"
#include "machine.h"

void wsl_report_print(const struct machine *machine);
struct nvb_json *wsl_report_to_json(const struct machine *machine);
