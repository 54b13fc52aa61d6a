/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/clone_failure.h"

#include <errno.h>

#include "host/sandbox.h"

static const char *advice_on_clone(int e)
{
    switch (e) {
    case EMFILE:
        return "allow more open files: ulimit -n 1024";
    case EAGAIN:
        return "allow more processes: ulimit -u 4096";
    case ENOSPC:
    case EUSERS:
        return "too many namespaces are in use or within each other: raise the limits in "
               "/proc/sys/user";
    case ENOSYS:
        return "another container's filter forbids clone3: start that one with "
               "--sandbox steam (nvbind) or --security-opt seccomp=unconfined (docker, podman)";
    case EPERM:
        return "a chroot, a container's filter or a security module forbids it: start an outer container "
               "with --security-opt seccomp=unconfined; nvbind doctor looks further";
    default:
        return "nvbind doctor looks for the reason";
    }
}

/* Which setting is in the way? Asked only now, since it costs time that a success need not pay. */
bool nvb_fail_clone(struct nvb_err *err)
{
    int saved = errno;
    nvb_auto_sandbox facts = { 0 };
    struct nvb_host *host = NULL;
    nvb_auto_err ignored = { 0 };
    bool is_told = false;

    if (nvb_host_open("/", &host, &ignored)) {
        nvb_sandbox_read(host, &facts);
        is_told = !nvb_sandbox_check_userns(&facts, err);
        nvb_host_free(host);
    }
    if (!is_told) {
        errno = saved;
        nvb_fail_errno(err, NVB_D_RUN, "the kernel refuses new namespaces");
        nvb_hint(err, "%s", advice_on_clone(saved));
    }
    return nvb_while(err, "cannot make the container's namespaces");
}
