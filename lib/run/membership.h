/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* membership.h - a container's place in a network of containers. Private to lib/run.
 *
 *   RUN/networks/NETWORK/12              the socket of the member with that number
 *   RUN/networks/NETWORK/names/web       a link to "12"
 *
 * There is no process in the middle: each member's carrier sends packets to the sockets of the others.
 * A number is taken by binding a socket to its name; that of a member which was killed answers to
 * nobody, and whoever comes next clears it away. Only the user's own programs get to RUN. */
#pragma once

#include "base/text.h"

struct nvb_membership {
    int dir_fd;      /* -1 = none */
    int socket_fd;   /* of datagrams, each a packet */
    unsigned number; /* from 1 on; 0 = none */
    char *network;   /* owned */
};

#define NVB_MEMBERSHIP_INIT           \
    {                                 \
        .dir_fd = -1, .socket_fd = -1 \
    }

/* Take a number and the names. `is_range`: the carrier will have an id that owns nothing here. */
bool nvb_membership_take(const char *network,
                         const struct nvb_strv *names,
                         bool is_range,
                         struct nvb_membership *out,
                         struct nvb_err *err);

/* Give all that back. */
void nvb_membership_end(struct nvb_membership *membership);
/* Only close: another process is the member now. */
void nvb_membership_let_go(struct nvb_membership *membership);

/* The number of the member with that name, 0 for nobody. Async-signal-safe. */
unsigned nvb_membership_find(int dir_fd, const char *name);
