/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_choice.h - which of the machine's GPUs the request means, and what a container needs for
 * them. */
#pragma once

#include "resolve/plan.h"

/* Fill plan->gpus, plan->is_software and the edits for them. Words: "all", "none", an index, a
 * UUID, a PCI address, a vendor's name, "software" or a device's name as in CDI (cdi_choice.h).
 * Without a GPU "all" becomes software Vulkan (lavapipe), on purpose and said so. A GPU without a
 * device node of its own is left out with a warning; it is an error when no other is left. */
bool nvb_gpu_choose(struct nvb_plan *plan, const struct nvb_host *host, struct nvb_err *err);

/* Name the Vulkan drivers of plan->gpus in the environment. Where a GPU's is not known yet, it is
 * looked for on the host. */
void nvb_gpu_name_vulkan_drivers(struct nvb_plan *plan, const struct nvb_host *host);
