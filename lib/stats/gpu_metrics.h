/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_metrics.h - why an AMD GPU is slowed down, of amdgpu's binary file gpu_metrics.
 *
 * The layouts are those of the kernel's kgd_pp_interface.h. Only four of them hold the reasons in
 * bits that mean the same on every chip: 1.3 (boards from Navi 1x to Navi 4x) and 2.2 to 2.4 (some
 * APUs). The others tell chip by chip, or residencies, and are not read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvb_strv;

/* False when the file does not tell. Bit n is the kernel's SMU_THROTTLER_*_BIT n. */
bool nvb_gpu_metrics_parse(const void *data, size_t len, uint64_t *out_throttle);

/* The bits in words, each reason once. */
void nvb_gpu_metrics_explain(uint64_t throttle, struct nvb_strv *out_reasons);
