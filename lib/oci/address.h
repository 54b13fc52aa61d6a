/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* address.h - the addresses in a container with a network of its own: the same in every one, since
 * each has its own network. Private ranges, off the subnets that routers and virtual machines give
 * out by default. */
#pragma once

#define NVB_INTERFACE "eth0" /* what the container calls its way out */

/* slirp4netns puts its gateway at 2 and its name server at 3 of the subnet. */
#define NVB_IPV4_SUBNET  "10.78.86.0"
#define NVB_IPV4_GATEWAY "10.78.86.2"
#define NVB_IPV4_DNS     "10.78.86.3"
#define NVB_IPV4_OWN     "10.78.86.100"

#define NVB_IPV6_GATEWAY "fd4e:5642:4e44::2"
#define NVB_IPV6_DNS     "fd4e:5642:4e44::3"
#define NVB_IPV6_OWN     "fd4e:5642:4e44::100"

/* In a network of containers each has a number from 1 to NVB_MEMBERS_MAX, the last byte of its
 * addresses. Names are asked of itself, where docker has that, too. */
#define NVB_MEMBER_INTERFACE "net0"
#define NVB_MEMBER_IPV4      "10.78.87."        /* and the number */
#define NVB_MEMBER_IPV6      "fd4e:5642:4e45::" /* and the number, in hex */
#define NVB_MEMBER_NAMES     "127.0.0.11"

enum {
    NVB_MEMBERS_MAX = 254,
    NVB_IPV4_PREFIX_LEN = 24,
    NVB_IPV6_PREFIX_LEN = 64,
};
