/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/seccomp_library.h"

#include "base/library.h"

bool nvb_seccomp_library_open(struct nvb_seccomp_library *out, struct nvb_err *err)
{
    const struct nvb_symbol symbols[] = {
        {"seccomp_init",                  &out->init                },
        { "seccomp_release",              &out->release             },
        { "seccomp_arch_add",             &out->arch_add            },
        { "seccomp_attr_set",             &out->attr_set            },
        { "seccomp_rule_add_array",       &out->rule_add_array      },
        { "seccomp_syscall_resolve_name", &out->syscall_resolve_name},
        { "seccomp_export_bpf",           &out->export_bpf          },
        { NULL,                           NULL                      },
    };

    *out = (struct nvb_seccomp_library){ 0 };
    return nvb_library_open("libseccomp.so.2",
                            "install libseccomp2 (Debian, Ubuntu) or libseccomp (Arch)", symbols,
                            &out->handle, err) ||
           nvb_while(err, "the system call filter cannot be made");
}

void nvb_seccomp_library_close(struct nvb_seccomp_library *library)
{
    nvb_library_close(&library->handle);
}
