/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_report.h - one GPU as `info` shows it: a few lines, a block with live figures, or JSON. */
#pragma once

#include "base/json.h"
#include "machine.h"

/* Detailed needs machine_measure(), and so does JSON. */
void gpu_report_print(const struct machine *machine, const struct nvb_gpu *gpu, bool is_detailed);

/* All that is known; what is not is null. */
struct nvb_json *gpu_report_to_json(const struct machine *machine, const struct nvb_gpu *gpu);
