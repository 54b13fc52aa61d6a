/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* preparation.h - from what was asked for to a container that can be started: profile, host, plan,
 * container, driver. `nvbind run` does it with what is typed, `nvbind start` with what was recorded. */
#pragma once

#include "host/memo.h"
#include "nvbind/profile.h"
#include "nvbind/request.h"
#include "oci/container.h"
#include "resolve/plan.h"
#include "run/driver_prepare.h"
#include "run_image.h"
#include "run_report.h"

struct preparation {
    const struct nvb_request *request; /* borrowed */
    const char *root;                  /* borrowed; another machine's, NULL for this one */
    const char
        *leased; /* borrowed; the image that a record is held to, NULL: as the request says */
    bool may_pull;
    struct nvb_profile *profile;
    struct run_image image;
    struct nvb_memo memo;
    struct nvb_host *host;
    struct nvb_plan *plan;
    struct nvb_container *container;
    struct nvb_driver_held driver; /* while it is used */
};

#define PREPARATION_INIT                \
    {                                   \
        .driver = NVB_DRIVER_HELD_INIT, \
    }

/* request > plan > container. `report` may be NULL. */
bool preparation_make(struct preparation *p,
                      const struct nvb_request *request,
                      struct run_report *report,
                      struct nvb_err *err);

/* Just before the start: what the driver needs stands ready, the plan's warnings are told. */
bool preparation_finish(struct preparation *p, struct nvb_err *err);
void preparation_clear(struct preparation *p);

/* "nvbind: ..." a line each, on stderr. */
void print_warnings(const struct nvb_strv *warnings);

/* The exit status for a container that did not start: EXIT_ENGINE, EXIT_NOT_EXECUTABLE or
 * EXIT_NO_COMMAND. */
int start_status_of(const struct nvb_err *err);
