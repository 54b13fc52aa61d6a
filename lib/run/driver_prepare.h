/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_prepare.h - before a start: what the plan wants of the NVIDIA driver stands ready. */
#pragma once

#include "host/host.h"
#include "resolve/plan.h"

/* Build or find the view of plan->driver and write what the next start reads. *out_fd holds the
 * view until it is closed, which must be after the container's end; -1 when there is none. */
bool nvb_driver_prepare(const struct nvb_plan *plan,
                        const struct nvb_host *host,
                        int *out_fd,
                        struct nvb_err *err);
