/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_signs.h - has anything about GPUs or their drivers changed? Asked often, it wakes none.
 *
 * Finding out about a GPU costs something: NVIDIA's driver resumes a GPU that sleeps for whoever
 * reads /proc/driver/nvidia/gpus/ADDRESS/information, and NVML opens its nodes. Here only names,
 * links and numbers of nodes are looked at, and the driver's files; when two answers differ, it is
 * time to find out. */
#pragma once

#include "host/host.h"

/* Lines of text that are the same as long as nothing changed; the caller frees. */
char *nvb_gpu_signs_dup(const struct nvb_host *host);

/* Is there a GPU that can be cut into MIG devices? Nobody tells when that happens: look often. */
bool nvb_gpu_signs_has_mig(const struct nvb_host *host);
