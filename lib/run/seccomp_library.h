/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* seccomp_library.h - libseccomp, opened when a filter must be compiled.
 *
 * Not linked: a start that finds its filter in the cache saves the 60 us that loading the library
 * costs. It is an ordinary dependency of the package all the same. */
#pragma once

#include <seccomp.h>

#include "nvbind/error.h"

struct nvb_seccomp_library {
    void *handle;
    /* <seccomp.h>'s functions of those names */
    __typeof__(&seccomp_init) init;
    __typeof__(&seccomp_release) release;
    __typeof__(&seccomp_arch_add) arch_add;
    __typeof__(&seccomp_attr_set) attr_set;
    __typeof__(&seccomp_rule_add_array) rule_add_array;
    __typeof__(&seccomp_syscall_resolve_name) syscall_resolve_name;
    __typeof__(&seccomp_export_bpf) export_bpf;
};

bool nvb_seccomp_library_open(struct nvb_seccomp_library *out, struct nvb_err *err);
void nvb_seccomp_library_close(struct nvb_seccomp_library *library);
