/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* helper.h - the helper program as the keeper sees it: started, waited for, heard when it fails.
 * Private to lib/run; async-signal-safe. */
#pragma once

#include "run/keeper.h"
#include "run/launch.h"
#include "run/netlink.h"

struct nvb_helper {
    int process_fd; /* -1 = there is none */
    int go_fd;      /* what is written there says that the keeper is in the container's network */
    int ready_fd;   /* what slirp4netns says when it is ready */
    int talk_fd;    /* its stderr; kept open to the end, since who writes to nobody is killed */
    pid_t pid;
};

#define NVB_HELPER_INIT                                              \
    {                                                                \
        .process_fd = -1, .go_fd = -1, .ready_fd = -1, .talk_fd = -1 \
    }

/* From the machine's network, before the keeper leaves that. It waits for nvb_helper_await(). */
void nvb_helper_start(struct nvb_helper *helper,
                      const struct nvb_keeper *keeper,
                      const struct nvb_launch *to);

/* Until its interface is there and configured and it carries packets; dies with its own words when
 * it does not come to that. */
void nvb_helper_await(struct nvb_helper *helper,
                      const struct nvb_keeper *keeper,
                      const struct nvb_launch *to);
