/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvidia.h - versions of NVIDIA's driver as its two halves tell them.
 *
 * Kernel module and libraries must be of one version to the last digit; a package update
 * without a reboot parts them. NVML is not asked: it answers only when they agree. */
#pragma once

#include "host/host.h"

/* The loaded module's; NULL when none is loaded. Caller frees. */
char *nvb_nvidia_dup_kernel_version(const struct nvb_host *host);

/* That of the libnvidia-ml.so.VERSION which programs get; NULL when none is installed. */
char *nvb_nvidia_dup_library_version(const struct nvb_host *host);

/* A descriptor of the libnvidia-ml.so.1 which programs get, resolved inside the root; or -1. */
int nvb_nvidia_open_library(const struct nvb_host *host);

/* Whether there is one. */
bool nvb_nvidia_has_library(const struct nvb_host *host);
