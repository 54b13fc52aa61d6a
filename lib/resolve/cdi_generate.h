/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_generate.h - a CDI specification for the machine's GPUs: what `nvbind cdi generate` writes.
 *
 * Pure but for the manifests in wishes.host: from GPUs and driver files to a specification. No hooks. Device numbers are left out,
 * since the majors of nvidia-uvm and nvidia-caps are dynamic and a specification may outlive a
 * reboot: who reads it takes the numbers of the host's node (CDI specification, deviceNodes). */
#pragma once

#include "cdi/spec.h"
#include "host/driver_files.h"
#include "nvbind/gpu.h"

/* How devices are called; several at once. */
enum nvb_cdi_naming {
    NVB_CDI_NAME_INDEX = 1 << 0,      /* "0", MIG "0:1" */
    NVB_CDI_NAME_UUID = 1 << 1,       /* "GPU-...", "MIG-..." */
    NVB_CDI_NAME_TYPE_INDEX = 1 << 2, /* "gpu0", "mig0:1" */
};

struct nvb_cdi_view;
struct nvb_wsl;

struct nvb_cdi_wishes {
    enum nvb_gpu_vendor vendor; /* one vendor a specification; 0 = NVIDIA, else AMD, else Intel */
    unsigned capabilities;      /* enum nvb_driver_capability */
    unsigned naming;            /* enum nvb_cdi_naming; 0 = index and UUID */
    bool has_cards;             /* DRM card nodes, too: they set modes and grab screens */
    bool has_all;               /* the merged device "all" */
    const struct nvb_cdi_view *view; /* mounted instead of the driver's files; NULL or without a
                                      * name = file by file */
    bool has_no_library_path;   /* the view's libraries are found without LD_LIBRARY_PATH, by images
                               * that can: cdi_driver.c; not without a view */
    const struct nvb_strv *env; /* more variables, "NAME=value"; may be NULL */
    const struct nvb_host *host; /* to read manifests that name a library by its path; may be
                                   * NULL: then such a library is not found in the container */
};

/* The capabilities, nodes and variables of a named profile: "base", "gaming", "aiml". The
 * variables are appended to `env` and each has its row in the registry. */
bool nvb_cdi_wishes_set_profile(struct nvb_cdi_wishes *wishes,
                                const char *profile,
                                struct nvb_strv *env,
                                struct nvb_err *err);

/* NVB_E_NOT_FOUND when there is no GPU of that vendor, or none that works. What was left out is
 * said in `out_notes`. */
bool nvb_cdi_generate(const struct nvb_gpus *gpus,
                      const struct nvb_driver_files *files,
                      const struct nvb_cdi_wishes *wishes,
                      struct nvb_cdi_spec **out_spec,
                      struct nvb_strv *out_notes,
                      struct nvb_err *err);

/* WSL2 lends all of Windows' GPUs through one node: the only device is "all". NVB_E_NOT_FOUND when
 * a part is missing; which one is told. */
bool nvb_cdi_generate_wsl(const struct nvb_wsl *wsl,
                          const struct nvb_cdi_wishes *wishes,
                          struct nvb_cdi_spec **out_spec,
                          struct nvb_err *err);
