/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* run_image.h - the image that a container starts from: the machine itself, or one of the store. */
#pragma once

#include "image/stored_image.h"

struct run_image {
    bool is_stored;  /* else it is `host` */
    bool is_stopped; /* ^C while it was pulled: there is nothing to complain of */
    struct nvb_stored_image stored;
    struct nvb_plan_image for_plan;
};

/* Open it; what --pull says is done first, if it may be. */
bool run_image_open(struct run_image *image,
                    const struct nvb_request *request,
                    bool may_pull,
                    struct nvb_err *err);

/* By the name that a lease gives; nothing is pulled. */
bool run_image_open_leased(struct run_image *image,
                           const char *name,
                           const struct nvb_request *request,
                           struct nvb_err *err);
void run_image_clear(struct run_image *image);

/* NULL for `host`. */
const struct nvb_plan_image *run_image_for_plan(const struct run_image *image);

/* The container; what the user should read is told, once and for all where once is enough. */
bool run_image_compose(const struct run_image *image,
                       const struct nvb_plan *plan,
                       const struct nvb_host *host,
                       struct nvb_container **out,
                       struct nvb_err *err);
