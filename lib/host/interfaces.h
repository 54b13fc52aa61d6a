/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* interfaces.h - the machine's addresses, and whether it reaches the outside. The kernel is asked,
 * not files, so only the live machine can answer; no packet is sent. */
#pragma once

#include "base/text.h"

struct nvb_address {
    int family; /* AF_INET or AF_INET6 */
    unsigned char bytes[16];
    unsigned prefix_len;
};

struct nvb_interfaces {
    struct nvb_address *addresses; /* owned; those of loopback left out */
    size_t n_addresses;
    char *name;     /* owned; of one that is not loopback, one that is up before others; or NULL */
    char *own_ipv4; /* owned; the address that faces the outside; NULL = IPv4 does not get there */
    char *own_ipv6;
};

void nvb_interfaces_read(struct nvb_interfaces *out);
void nvb_interfaces_clear(struct nvb_interfaces *interfaces);
#define nvb_auto_interfaces __attribute__((cleanup(nvb_interfaces_clear))) struct nvb_interfaces
