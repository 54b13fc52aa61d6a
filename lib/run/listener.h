/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* listener.h - the machine's sockets for a container's published ports, opened before anything is
 * started: what is taken or forbidden is told then. Private to lib/run. */
#pragma once

#include "base/text.h"
#include "nvbind/request.h"

struct nvb_listener {
    int fd;
    int family; /* AF_INET or AF_INET6 */
    bool is_udp;
    uint16_t container_port;
};

struct nvb_listeners {
    struct nvb_listener *items; /* owned */
    size_t n;
};

/* `notices` gets a line for what the user may not expect: the number of a port that was left to
 * choice, and a port that is open to other machines. */
bool nvb_listeners_open(const struct nvb_port *ports,
                        size_t n_ports,
                        struct nvb_listeners *out,
                        struct nvb_strv *notices,
                        struct nvb_err *err);
void nvb_listeners_close(struct nvb_listeners *listeners);
