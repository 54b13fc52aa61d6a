/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* uplink.h - the program that carries a container's packets to the outside, since an ordinary user
 * may not: pasta (package passt), or slirp4netns. Private to lib/run.
 *
 * Both are told the same addresses (oci/address.h) and to publish nothing, to reach nothing of the
 * machine's loopback and to leave the interface bare: what they configure differs from version to
 * version, so that is done here. */
#pragma once

#include "base/text.h"
#include "host/interfaces.h"
#include "nvbind/request.h"

enum nvb_uplink_kind {
    NVB_UPLINK_NONE = 0,
    NVB_UPLINK_PASTA, /* ready when its first process has ended well */
    NVB_UPLINK_SLIRP, /* ready when it says so in NVB_UPLINK_READY_FD */
};

enum {
    NVB_UPLINK_READY_FD = 3,
    NVB_UPLINK_MTU = 65520, /* the largest that both take */
};

struct nvb_uplink {
    enum nvb_uplink_kind kind;
    char *path;           /* owned */
    struct nvb_strv args; /* the empty one stands for the path of the network namespace */
    bool has_ipv4;
    bool has_ipv6;
};

/* Choose the helper and its words. `search_path` is as PATH, NULL for the usual directories;
 * `is_range`: it will run with an id that owns nothing here. */
bool nvb_uplink_find(const char *search_path,
                     const struct nvb_interfaces *interfaces,
                     bool is_range,
                     struct nvb_uplink *out,
                     struct nvb_err *err);
/* May the keeper make interfaces? */
bool nvb_uplink_check_tun(bool is_range, struct nvb_err *err);
void nvb_uplink_clear(struct nvb_uplink *uplink);

/* Become the helper: of the caller's descriptors it gets 0 to NVB_UPLINK_READY_FD, and `net_ns_fd`
 * under its number. `process` is who is in that namespace, by a number that /proc has.
 * Async-signal-safe; returns only when that failed, with errno. */
void nvb_uplink_execute(const struct nvb_uplink *uplink, int net_ns_fd, const char *process);
