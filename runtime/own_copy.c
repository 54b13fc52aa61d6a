/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "own_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/cleanup.h"

enum {
    SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
};

static bool is_copy(int exe)
{
    return fcntl(exe, F_GET_SEALS) == SEALS;
}

bool own_copy_enter(char **argv, struct nvb_err *err)
{
    nvb_autoclose int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    nvb_autoclose int copy = -1;
    ssize_t n = 0;

    if (geteuid() != 0 || (exe >= 0 && is_copy(exe)))
        return true;
    copy = memfd_create("nvbind-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (exe < 0 || copy < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot copy this program");
    do {
        n = sendfile(copy, exe, NULL, INT_MAX);
    } while (n > 0);
    if (n < 0 || fcntl(copy, F_ADD_SEALS, SEALS) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot copy this program");
    (void)fexecve(copy, argv, environ);
    return nvb_fail_errno(err, NVB_D_RUN, "cannot run the copy of this program");
}
