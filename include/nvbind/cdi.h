/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi.h - a specification of the Container Device Interface for this machine's GPUs, as docker, podman,
 * containerd and CRI-O read it from /etc/cdi and /run/cdi.
 *
 * It is declarative: nodes, mounts and variables, no hooks. What `nvbind cdi generate` prints. */
#pragma once

#include "nvbind/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All borrowed; NULL and false mean the default. */
struct nvb_cdi_options {
    const char *profile;      /* "base", "gaming" (32 bit and DLSS, too), "aiml" (compute only) */
    const char *vendor;       /* "nvidia", "amd", "intel"; else the first that is there */
    const char *capabilities; /* NVIDIA_DRIVER_CAPABILITIES' words: "compute,utility" */
    bool has_no_nvml;         /* ask the kernel alone */
    bool is_yaml;             /* else JSON */
};

/* The specification as text, for the caller to free. NVB_E_NOT_FOUND when there is no GPU that one can
 * be written for. `options` may be NULL. */
NVB_API bool nvb_cdi_describe(const struct nvb_host *host,
                              const struct nvb_cdi_options *options,
                              char **out_text,
                              struct nvb_err *err);

#ifdef __cplusplus
}
#endif
