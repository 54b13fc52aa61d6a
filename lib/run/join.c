/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/join.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/init.h"
#include "run/lock.h"
#include "run/rights.h"
#include "run/terminal.h"

static void take_groups(const struct nvb_launch *launch, const struct nvb_join *join)
{
    const struct nvb_container *c = launch->container;

    if (join->has_own_groups && launch->has_many_ids &&
        syscall(SYS_setgroups, c->n_groups, c->groups) < 0)
        nvb_child_die(launch, errno, "cannot take the groups of user %u", c->uid);
}

static void tie(const struct nvb_launch *launch)
{
    if (!launch->container->is_detached)
        nvb_child_tie(launch);
}

/* In all of its namespaces, still with the rights of their owner. */
_Noreturn static void become_command(struct nvb_launch *launch, const struct nvb_join *join)
{
    (void)setsid(); /* what is typed at the caller's terminal comes by the caller alone */
    tie(launch);
    nvb_child_wait_for_parent(launch); /* who must know us before we can end */
    nvb_child_become_root(launch);
    tie(launch);
    nvb_child_hand_over(launch);
    nvb_child_drop_bounding_set(launch);
    take_groups(launch, join);
    nvb_child_become_user(launch);
    nvb_child_lock(launch);
    tie(launch);
    nvb_init_command(launch);
}

static void join_namespaces(const struct nvb_launch *launch, const struct nvb_join *join)
{
    const int all = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                    CLONE_NEWCGROUP |
                    (launch->container->network != NVB_NETWORK_HOST ? CLONE_NEWNET : 0);

    if (launch->is_range)
        (void)syscall(SYS_setgroups, join->n_groups, join->groups);
    if (setns(join->namespaces_fd, all) < 0) {
        if (errno == ESRCH)
            nvb_child_die(launch, 0, "the container has ended");
        nvb_child_die(launch, errno, "cannot join the container");
    }
}

/* Nobody in there may look at us: /proc/PID/exe is nvbind until the command runs (CVE-2019-5736). */
_Noreturn void
nvb_child_guide(struct nvb_launch *launch, const struct nvb_join *join, int number_fd)
{
    struct clone_args args = { .flags = CLONE_PARENT };
    int number = 0;

    if (launch->container->is_detached) { /* whoever reads the caller's output waits for its end */
        (void)dup2(launch->null_fd, STDOUT_FILENO);
        (void)dup2(launch->null_fd, STDERR_FILENO);
    }
    nvb_child_wait_for_parent(launch); /* for the cgroup */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    join_namespaces(launch, join);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* new rights may have set it */
    number = (int)syscall(SYS_clone3, &args, sizeof(args));
    if (number == 0)
        become_command(launch, join);
    if (number < 0) {
        nvb_child_die_kind(launch, NVB_E_IO, "allow more processes: a higher --pids or ulimit -u",
                           "cannot start a process");
    }
    (void)!write(number_fd, &number, sizeof(number));
    _exit(0);
}
