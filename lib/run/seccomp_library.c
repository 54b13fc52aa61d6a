/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/seccomp_library.h"

#include <dlfcn.h>
#include <string.h>

/* POSIX lets an object pointer be a function pointer; C does not, so the bytes are copied. */
static bool find(void *handle, const char *name, void *out_function)
{
    void *symbol = dlsym(handle, name);

    memcpy(out_function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

bool nvb_seccomp_library_open(struct nvb_seccomp_library *out, struct nvb_err *err)
{
    static const char soname[] = "libseccomp.so.2";
    void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

    *out = (struct nvb_seccomp_library){ .handle = handle };
    if (!handle) {
        nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "the system call filter needs %s: %s", soname,
                 dlerror());
        return nvb_hint(err, "install libseccomp2 (Debian, Ubuntu) or libseccomp (Arch)");
    }
    if (find(handle, "seccomp_init", &out->init) &&
        find(handle, "seccomp_release", &out->release) &&
        find(handle, "seccomp_arch_add", &out->arch_add) &&
        find(handle, "seccomp_attr_set", &out->attr_set) &&
        find(handle, "seccomp_rule_add_array", &out->rule_add_array) &&
        find(handle, "seccomp_syscall_resolve_name", &out->syscall_resolve_name) &&
        find(handle, "seccomp_export_bpf", &out->export_bpf))
        return true;
    nvb_seccomp_library_close(out);
    return nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "%s lacks a function", soname);
}

void nvb_seccomp_library_close(struct nvb_seccomp_library *library)
{
    if (library->handle)
        (void)dlclose(library->handle);
    library->handle = NULL;
}
