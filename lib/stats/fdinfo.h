/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fdinfo.h - what a DRM driver tells of one open file, in /proc/PID/fdinfo/FD.
 *
 * The keys are those of the kernel's Documentation/gpu/drm-usage-stats.rst as of Linux 6.13. The
 * names of engines and of memory regions are each driver's own; those of amdgpu, i915, xe,
 * panfrost, panthor, v3d and msm are known here, others are counted to no kind of work. Since 5.19
 * i915 and amdgpu tell, since 6.8 xe; nouveau (6.6) and NVIDIA's nvidia-drm tell nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NVB_FDINFO_MAX = 64 << 10, /* bytes; the longest real ones have 2000 */
    NVB_FDINFO_ENGINES_MAX = 16,
    NVB_FDINFO_NAME_MAX = 24,
};

enum nvb_engine_work {
    NVB_WORK_OTHER = 0, /* copies, or a name that is not known */
    NVB_WORK_DRAW,
    NVB_WORK_COMPUTE,
    NVB_WORK_VIDEO, /* decodes, encodes, scales pictures */
    NVB_N_WORKS,
};

/* Counters since the file was opened; they may fall back for a moment. */
struct nvb_fdinfo_engine {
    char name[NVB_FDINFO_NAME_MAX];
    enum nvb_engine_work work;
    unsigned capacity; /* how many alike are counted together; at least 1 */
    uint64_t busy_ns;
    bool has_busy;
    uint64_t cycles; /* busy ones, of the engine's own clock */
    bool has_cycles;
    uint64_t total_cycles; /* of that clock until now, the same for every client */
    bool has_total_cycles;
};

struct nvb_fdinfo {
    char driver[NVB_FDINFO_NAME_MAX];
    char pci_address[16]; /* "0000:01:00.0"; "" when it is no PCI device */
    uint64_t client_id;   /* of one GPU's clients; files of one client have the same */
    bool has_client_id;
    uint64_t own_bytes; /* what it holds in the GPU's memory */
    bool has_own_bytes;
    uint64_t system_bytes; /* what the GPU uses of the machine's */
    bool has_system_bytes;
    struct nvb_fdinfo_engine engines[NVB_FDINFO_ENGINES_MAX];
    size_t n_engines;
};

/* False when it is no DRM file, or one of a driver that tells nothing. A key that is not as the
 * specification says (a sign, a foreign unit, a number past 64 bits) is as if it were absent. */
bool nvb_fdinfo_parse(const char *text, struct nvb_fdinfo *out);
