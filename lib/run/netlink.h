/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* netlink.h - requests to the kernel's network side, gathered and sent at once. Private to lib/run.
 *
 * No memory is allocated and every function is async-signal-safe, since the one who configures a
 * container's network was forked from a program that may have threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NVB_NETLINK_MAX = 16384, /* what waits; the kernel takes twice that in one call */
};

struct nvb_netlink {
    int fd; /* -1 = closed */
    uint32_t sequence;
    unsigned n_answers; /* that are still to come */
    size_t len;         /* of what waits in `data` */
    size_t message;     /* where the one that is being written begins */
    bool is_overfull;   /* something did not fit: nothing will be sent */
    unsigned char data[NVB_NETLINK_MAX] __attribute__((aligned(8)));
};

/* `protocol` is NETLINK_ROUTE or another, `groups` what to be told of without asking. 0, or -1 with
 * errno, as from all of these. */
int nvb_netlink_open(struct nvb_netlink *nl, int protocol, unsigned groups);
void nvb_netlink_close(struct nvb_netlink *nl);

/* A message: its own header, then attributes; it ends where the next one begins. */
void nvb_netlink_begin(struct nvb_netlink *nl,
                       unsigned type,
                       unsigned flags,
                       const void *header,
                       size_t len);
void nvb_netlink_add(struct nvb_netlink *nl, unsigned type, const void *data, size_t len);
void nvb_netlink_add_u32(struct nvb_netlink *nl, unsigned type, uint32_t value);
void nvb_netlink_add_be32(struct nvb_netlink *nl, unsigned type, uint32_t value);
void nvb_netlink_add_str(struct nvb_netlink *nl, unsigned type, const char *text);

/* What is added between the two becomes one attribute; the mark is for the end. */
size_t nvb_netlink_nest(struct nvb_netlink *nl, unsigned type);
void nvb_netlink_nest_end(struct nvb_netlink *nl, size_t mark);

/* Room for so many bytes more? */
bool nvb_netlink_has_room(const struct nvb_netlink *nl, size_t len);

/* Send what waits and hear that it was carried out; errno tells of the first message that was not.
 * The kernel answers those with NLM_F_ACK; where none has it, the last one gets it: an answer to
 * each of hundreds would not fit into the socket. */
int nvb_netlink_send(struct nvb_netlink *nl);
