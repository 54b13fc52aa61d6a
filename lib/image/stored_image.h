/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* stored_image.h - an image of the store, opened for a container to start from it.
 *
 * As long as it is open no sweep takes its layers away; a container that lives longer than that
 * needs a lease. Its files are foreign bytes: they are read through `files` alone. */
#pragma once

#include "base/overlay.h"
#include "host/host.h"
#include "image/store.h"
#include "oci/container.h"
#include "resolve/plan.h"

struct nvb_stored_image {
    struct nvb_image *image;  /* owned */
    struct nvb_overlay files; /* its layers */
    struct nvb_strv paths;    /* of the same on the host, the uppermost first */
    struct nvb_store_ids ids; /* whose ids the files have */
    char key[32];             /* the same for whatever has the same files; a file name */
};

/* `store_dir` NULL: the caller's own store. NVB_E_NOT_FOUND when it has no such image. */
bool nvb_stored_image_open(const char *store_dir,
                           const char *name,
                           struct nvb_stored_image *out,
                           struct nvb_err *err);
void nvb_stored_image_clear(struct nvb_stored_image *image);

/* The container: what the plan wants, on the image's root, as the image's configuration says.
 * *out_notes gets what the user should read. */
bool nvb_stored_image_compose(const struct nvb_stored_image *image,
                              const struct nvb_plan *plan,
                              const struct nvb_host *host,
                              struct nvb_container **out,
                              struct nvb_strv *out_notes,
                              struct nvb_err *err);

/* What the plan must know; with --trust-image-gpu-env its NVIDIA_VISIBLE_DEVICES, too. Borrowed from
 * `image`. */
struct nvb_plan_image nvb_stored_image_for_plan(const struct nvb_stored_image *image,
                                                const struct nvb_request *request);
