/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* link.h - interfaces, addresses and routes of the network namespace of the caller. Private to
 * lib/run; async-signal-safe. Requests are only gathered: nvb_netlink_send() carries them out. */
#pragma once

#include "host/interfaces.h"
#include "run/netlink.h"

enum {
    NVB_LINK_LOOPBACK = 1, /* the index that it has everywhere */
};

/* An IPv4 or IPv6 address in text as a prefix; the text must be one. */
struct nvb_address nvb_link_address(const char *text, unsigned prefix_len);

void nvb_link_up(struct nvb_netlink *nl, unsigned index, unsigned mtu); /* mtu 0 = as it is */
void nvb_link_add_address(struct nvb_netlink *nl,
                          unsigned index,
                          const struct nvb_address *address);
void nvb_link_add_default_route(struct nvb_netlink *nl,
                                unsigned index,
                                const struct nvb_address *gateway);
/* Who connects there is told at once that it is forbidden. */
void nvb_link_add_prohibition(struct nvb_netlink *nl, const struct nvb_address *prefix);

/* News on a socket that was opened with RTMGRP_LINK, without waiting for any: the index of the
 * interface `name` when that is told of, else 0. */
unsigned nvb_link_hear_of(struct nvb_netlink *nl, const char *name);
