/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* user.h - who asks: the ids that decide whether a device node may be opened.
 *
 * Read from /proc/self/status below the root, so that a captured machine answers for the user
 * who captured it and never for the one who looks. */
#pragma once

#include <sys/types.h>

#include "host/host.h"

struct nvb_user {
    bool is_known; /* false: no /proc/self/status; the rest is then unset */
    uid_t uid;     /* effective */
    gid_t gid;
    gid_t *groups; /* owned; supplementary */
    size_t n_groups;
};

void nvb_user_read(const struct nvb_host *host, struct nvb_user *out);
void nvb_user_clear(struct nvb_user *user);
#define nvb_auto_user __attribute__((cleanup(nvb_user_clear))) struct nvb_user

/* May the permission bits let this user read and write? Says nothing about ACLs: ask the kernel
 * first, and this for the reason of a refusal. */
bool nvb_user_may_open(const struct nvb_user *user, mode_t mode, uid_t owner, gid_t group);

/* Names from /etc/passwd and /etc/group below the root; NULL when there is none. Caller frees. */
char *nvb_user_dup_name(const struct nvb_host *host, uid_t uid);
char *nvb_group_dup_name(const struct nvb_host *host, gid_t gid);
