/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* plan.h - request x host = plan: which GPU, which display, which limits, and why.
 *
 * The plan holds the container edits that follow from the choices, and one sentence a choice,
 * so that `--print=devices` and `--print=edits` can answer "why". Host facts are read only as
 * far as the request needs them: `--gpu none` without a display looks at nothing. */
#pragma once

#include "base/overlay.h"
#include "cdi/edits.h"
#include "host/display.h"
#include "host/host.h"
#include "nvbind/profile.h"
#include "nvbind/request.h"

struct nvb_driver_work;

/* An image that is not the machine itself. */
struct nvb_plan_image {
    const char *key;                 /* borrowed; a file name for what has these files alone */
    const struct nvb_overlay *files; /* borrowed */
    const char
        *gpus; /* borrowed; --gpu words with commas between, if nobody gives others; or NULL */
};

struct nvb_plan {
    const struct nvb_request *request;  /* borrowed */
    const struct nvb_profile *profile;  /* borrowed; NULL when none */
    const struct nvb_plan_image *image; /* borrowed; NULL: image `host` */
    struct nvb_gpus gpus;               /* chosen ones only; owned */
    bool is_software;                   /* Vulkan on the CPU, chosen on purpose */
    struct nvb_strv cdi;                /* owned; "NAME FILE" of devices that specifications have */
    struct nvb_driver_work *driver; /* owned; for lib/run before the start; NULL: nothing to do */
    struct nvb_display displays[2]; /* owned; Wayland first, then X11 */
    size_t n_displays;
    enum nvb_sandbox_profile sandbox;
    bool has_frame_times;
    uint64_t nofile;
    uint64_t frame_cap;       /* that the frame layer holds from the start; 0 = none */
    struct nvb_strv words;    /* owned; put before the command: gamescope and its options */
    struct nvb_edits edits;   /* owned */
    char *layer;              /* owned; host directory whose tree has the layered edits; or NULL */
    struct nvb_strv reasons;  /* owned; "gpu: no GPU found, software Vulkan (lavapipe)" */
    struct nvb_strv warnings; /* owned; what the user should read on stderr */
};

/* `caller_env` is the environment of the caller ("NAME=value"), for the display; `image` is NULL
 * for image `host`. */
bool nvb_plan_make(const struct nvb_request *request,
                   const struct nvb_profile *profile,
                   const struct nvb_host *host,
                   const struct nvb_plan_image *image,
                   const struct nvb_strv *caller_env,
                   struct nvb_plan **out_plan,
                   struct nvb_err *err);
void nvb_plan_free(struct nvb_plan *plan);
NVB_DEFINE_AUTOPTR(nvb_plan, nvb_plan_free)

struct nvb_json *nvb_plan_devices_to_json(const struct nvb_plan *plan);
