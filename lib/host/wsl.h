/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* wsl.h - Linux inside Windows: GPUs are Windows' own and reached through /dev/dxg.
 *
 * The driver's Linux part comes from the Windows driver by a mount at /usr/lib/wsl: `lib` has what
 * programs load, `drivers` one store a display driver, of which NVIDIA's has libcuda.so.1.1. */
#pragma once

#include "host/host.h"

struct nvb_wsl {
    bool is_wsl;            /* the kernel is Microsoft's, or /dev/dxg is there */
    bool has_dxg;           /* /dev/dxg */
    char *kernel_release;   /* owned; NULL when unknown */
    char *dxcore;           /* owned; "/usr/lib/wsl/lib/libdxcore.so", NULL when absent */
    char *libcuda;          /* owned; what programs load, NULL when absent */
    char *nvml;             /* owned */
    struct nvb_strv stores; /* driver stores with NVIDIA's files */
    size_t n_other_stores;  /* of other makers: a laptop has both */
};

void nvb_wsl_read(const struct nvb_host *host, struct nvb_wsl *out);
void nvb_wsl_clear(struct nvb_wsl *wsl);
#define nvb_auto_wsl __attribute__((cleanup(nvb_wsl_clear))) struct nvb_wsl
