/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* seccomp.h - the system call filter of a sandbox profile, as a classic BPF program.
 *
 * A deny list: games and AI engines use nearly everything else, and what it refuses is what
 * reaches the kernel's rarely used or privileged parts. Built once through libseccomp (1 ms and
 * more), then kept in the cache directory under a name that holds a hash of the rules and the
 * machine's architecture; a cache file of another owner or shape is not used. */
#pragma once

#include <linux/filter.h>

#include "nvbind/profile.h"

enum {
    NVB_SECCOMP_PROGRAM_MAX = 4096, /* BPF_MAXINSNS, linux/bpf_common.h */
};

/* The program's instructions are the caller's to free. */
bool nvb_seccomp_load(enum nvb_sandbox_profile profile,
                      unsigned openings, /* enum nvb_opening */
                      struct sock_fprog *out_program,
                      struct nvb_err *err);

/* The same, always from the rules: for tests and to fill the cache. */
bool nvb_seccomp_build(enum nvb_sandbox_profile profile,
                       unsigned openings,
                       struct sock_fprog *out_program,
                       struct nvb_err *err);
