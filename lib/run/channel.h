/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* channel.h - the parent's end of the channel to a child of launch.h. Private to lib/run. */
#pragma once

#include "run/launch.h"

enum {
    NVB_CHANNEL_FDS = 2,
};

bool nvb_channel_open(int out_ends[2], struct nvb_err *err);

/* Let the child go on. */
bool nvb_channel_go_on(int fd, struct nvb_err *err);

/* One message. True with descriptors, as many as *out_n says, which are the caller's; or with *out_done
 * at the channel's end: the command runs. False with what the child says that went wrong. */
bool nvb_channel_read(int fd,
                      int out_fds[NVB_CHANNEL_FDS],
                      size_t *out_n,
                      bool *out_done,
                      struct nvb_err *err);
