/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fence.h - what a container with the network 'internet' must not reach: every range that is not
 * the internet's, the machine's own addresses, and the prefixes of its neighbours. Private to
 * lib/run.
 *
 * Two fences stand in the container's network namespace, which its programs may not change.
 * Routes that prohibit answer at once, so that a program hears "permission denied" instead of
 * waiting. But Linux passes them over when the sender names the interface (SO_BINDTODEVICE,
 * IP_PKTINFO) or asks for no routing (SO_DONTROUTE): it then takes the goal for a neighbour. So a
 * packet filter (nf_tables, hook output) drops what goes there by whatever way. */
#pragma once

#include "host/interfaces.h"
#include "nvbind/error.h"

struct nvb_fence {
    struct nvb_address *prefixes; /* owned */
    size_t n_prefixes;
    unsigned open_interface; /* index of one that is not fenced; 0 = none */
};

/* The ranges, and what `interfaces` add to them. */
void nvb_fence_make(const struct nvb_interfaces *interfaces, struct nvb_fence *out);
/* Only the helper's own addresses: some versions lead from there to the machine's loopback. */
void nvb_fence_make_small(struct nvb_fence *out);
void nvb_fence_clear(struct nvb_fence *fence);

/* Is the address on the far side of it? For tests. */
bool nvb_fence_denies(const struct nvb_fence *fence, const struct nvb_address *address);

/* Put up in the caller's network namespace; async-signal-safe. Names may still be asked for at the
 * helper's addresses. 0, or -1 with errno: *out_step says at what. */
int nvb_fence_raise(const struct nvb_fence *fence, const char **out_step);
