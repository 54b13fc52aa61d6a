/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* carrier.h - packets between a container and the other members of its network: out of a TUN device
 * of the container's into the socket of the member that is meant, and back. Private to lib/run;
 * async-signal-safe.
 *
 * A member sends and gets packets of its own addresses only: nobody can be another, and what is meant
 * for elsewhere does not leave. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Who a packet is from and for; false when it does not stay within the network. */
bool nvb_carrier_read_ends(const unsigned char *packet,
                           size_t len,
                           unsigned *out_from,
                           unsigned *out_to);

/* For ever. The members' sockets are in the working directory. */
_Noreturn void nvb_carrier_run(int tun_fd, int socket_fd, unsigned number);
