/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/lock.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Emptied capability by capability until the kernel says that there is no such number. */
void nvb_child_drop_bounding_set(const struct nvb_launch *launch)
{
    for (unsigned long cap = 0; cap < 64; cap++) {
        if (launch->container->capabilities & UINT64_C(1) << cap)
            continue;
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
            if (errno == EINVAL && cap > 0)
                return;
            nvb_child_die(launch, errno, "cannot drop capability %lu", cap);
        }
    }
}

/* Root's are effective by its id. Another user has only what goes from program to program by
 * itself (ambient), which must be inheritable first. */
static void drop_capabilities(const struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };
    uint64_t ambient = c->uid == 0 ? 0 : c->ambient;
    uint64_t effective = c->uid == 0 ? c->capabilities : ambient;

    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        sets[i].effective = sets[i].permitted = (uint32_t)(effective >> (32 * i));
        sets[i].inheritable = (uint32_t)(ambient >> (32 * i));
    }
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
        syscall(SYS_capset, &header, sets) < 0)
        nvb_child_die(launch, errno, "cannot drop the capabilities");
    for (unsigned long cap = 0; cap < 64; cap++) {
        if (ambient & UINT64_C(1) << cap &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
            nvb_child_die(launch, errno, "cannot keep capability %lu", cap);
    }
}

void nvb_child_lock(const struct nvb_launch *launch)
{
    drop_capabilities(launch);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        nvb_child_die(launch, errno, "cannot set no_new_privs");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &launch->filter) < 0)
        nvb_child_die(launch, errno, "cannot load the system call filter");
    /* Pid 1 is this program: its memory and /proc/1/exe are nobody's business in there. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        nvb_child_die(launch, errno, "cannot close pid 1 to the container");
}
