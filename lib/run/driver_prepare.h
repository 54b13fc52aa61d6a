/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_prepare.h - before a start: what the plan wants of the NVIDIA driver stands ready. */
#pragma once

#include "host/host.h"
#include "resolve/plan.h"

/* Directories that stay as they are as long as these are open; -1 = none. */
struct nvb_driver_held {
    int view_fd;
    int layer_fd;
};

#define NVB_DRIVER_HELD_INIT \
    {                        \
        -1, -1               \
    }

/* Build or find the view of plan->driver and its layer, and write what the next start reads.
 * *out_held is to be let go after the container's end. */
bool nvb_driver_prepare(const struct nvb_plan *plan,
                        const struct nvb_host *host,
                        struct nvb_driver_held *out_held,
                        struct nvb_err *err);
void nvb_driver_let_go(struct nvb_driver_held *held);
