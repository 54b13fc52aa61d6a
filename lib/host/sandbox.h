/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* sandbox.h - what the kernel and its settings allow: asked by `info` and `doctor`, and by
 * `run` after a refusal, to say which setting is in the way. Never on the path of a start. */
#pragma once

#include "host/host.h"

enum nvb_cgroup_kind {
    NVB_CGROUP_NONE = 1, /* nothing mounted */
    NVB_CGROUP_V1,
    NVB_CGROUP_HYBRID,  /* v1 controllers with a cgroup2 tree beside them */
    NVB_CGROUP_UNIFIED, /* cgroup2 alone */
};

struct nvb_sandbox {
    bool
        is_known; /* false: no kernel release, so the tree has no /proc and the rest tells nothing */
    char *kernel_release;         /* owned; "6.12.1", "unknown" */
    bool has_userns;              /* the kernel was built with user namespaces */
    uint64_t max_user_namespaces; /* user.max_user_namespaces; UINT64_MAX when the file is absent */
    bool
        is_userns_clone_off; /* kernel.unprivileged_userns_clone = 0 (Debian <= 10, Arch hardened) */
    bool
        is_userns_apparmor_locked; /* kernel.apparmor_restrict_unprivileged_userns = 1 (Ubuntu >= 23.10) */
    bool is_chroot;   /* live machine: "/" is no mount, and the kernel refuses user namespaces */
    bool has_overlay; /* "overlay" in /proc/filesystems, or the module is on disk */
    char *seccomp_actions; /* owned; /proc/sys/kernel/seccomp/actions_avail, NULL without seccomp */
    enum nvb_cgroup_kind cgroup;
    char *cgroup_controllers; /* owned; "cpu memory pids": what the caller's own cgroup2 offers,
                               * "" when nothing, NULL without cgroup2 */
    bool has_systemd;         /* /run/systemd/system exists */
    bool has_ntsync;          /* /dev/ntsync */
    uint64_t max_map_count;   /* vm.max_map_count, 0 when unknown */
};

void nvb_sandbox_read(const struct nvb_host *host, struct nvb_sandbox *out);
void nvb_sandbox_clear(struct nvb_sandbox *sandbox);
#define nvb_auto_sandbox __attribute__((cleanup(nvb_sandbox_clear))) struct nvb_sandbox

/* Why an ordinary user may not make a user namespace, with the command that mends it as hint;
 * true when nothing known is in the way. */
bool nvb_sandbox_check_userns(const struct nvb_sandbox *sandbox, struct nvb_err *err);

/* Is `controller` in the list of cgroup_controllers? */
bool nvb_sandbox_has_controller(const struct nvb_sandbox *sandbox, const char *controller);

/* "6.12.1-arch1" is at least 5.11; false for a release that is no version. */
bool nvb_sandbox_is_kernel_at_least(const struct nvb_sandbox *sandbox,
                                    unsigned major,
                                    unsigned minor);

const char *nvb_cgroup_kind_name(enum nvb_cgroup_kind kind); /* "none" "v1" "hybrid" "v2" */
