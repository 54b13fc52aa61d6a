/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* port_holder.h - who has a port of this machine that somebody else would like.
 *
 * The kernel tells everybody the user of every socket, but its program only to those who may look
 * at that: the same user and root. */
#pragma once

#include "host/host.h"

/* "nginx (process 812)", or "a program of user root" where the program cannot be seen; NULL when
 * nobody is found. `address` is of IPv4 or IPv6, as the one who asks would have it. */
char *
nvb_port_holder_dup(const struct nvb_host *host, bool is_udp, const char *address, unsigned port);
