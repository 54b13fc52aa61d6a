/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* wiring.h - how the keeper configures the container's network from inside. Private to lib/run;
 * async-signal-safe; whatever fails is told and ends the keeper. */
#pragma once

#include "run/keeper.h"
#include "run/launch.h"

/* What a member of a network of containers is served by. */
struct nvb_member_ends {
    int tun_fd;
    int names_fd; /* a bound socket */
};

/* All that needs no helper. */
void nvb_wiring_begin(const struct nvb_keeper *keeper,
                      struct nvb_member_ends *out_member,
                      const struct nvb_launch *to);

/* Addresses and routes, when the helper's interface is there. */
void nvb_wiring_connect(const struct nvb_keeper *keeper,
                        unsigned interface,
                        const struct nvb_launch *to);
