/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_choice.h - what of the NVIDIA driver's user space a container gets.
 *
 * Mostly that was decided at an earlier start and is read back (driver_start.h). Otherwise the
 * machine is looked at: its ld.so.cache, the driver's files, the views that stand ready. Nothing
 * is changed here; what lib/run must make before the start is left in plan->driver. */
#pragma once

#include "resolve/driver_view.h"
#include "resolve/plan.h"

struct nvb_driver_work {
    char *dir;                  /* owned; the directory of views */
    char *name;                 /* owned; the view that must stand and be held; NULL: none */
    struct nvb_view_plan build; /* of it; name NULL when it must be there already */
    bool has_build;
    char *layer_dir;            /* owned; NULL: none */
    char *layer_name;           /* owned; what lies over the image; must stand and be held, too */
    struct nvb_view_plan layer; /* of it */
    bool has_layer_build;
    char *start_path; /* owned; NULL: nothing is to be kept */
    char *start_text; /* owned */
};

void nvb_driver_work_free(struct nvb_driver_work *work);

/* When an NVIDIA GPU was chosen: edits for its driver, and plan->driver for lib/run.
 * NVBIND_DRIVER_VIEW=always|auto and NVIDIA_DRIVER_CAPABILITIES are heeded in the caller's
 * environment and in the request's. */
bool nvb_driver_choose(struct nvb_plan *plan,
                       const struct nvb_host *host,
                       const struct nvb_strv *caller_env,
                       struct nvb_err *err);
