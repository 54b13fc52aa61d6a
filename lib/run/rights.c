/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/rights.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel forgets the death signal whenever credentials change, so this runs again after. */
void nvb_child_tie(const struct nvb_launch *launch)
{
    char c = 0;
    ssize_t got = 0;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        nvb_child_die(launch, errno, "cannot tie the container to its supervisor");
    /* Had it died before the call there would be no signal: its end of the channel tells. */
    got = recv(launch->control, &c, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        _exit(125);
}

/* With a range of ids the child becomes root of its own namespace first, so that what it makes
 * belongs to mapped ids; with one id it is the container's user from the start. */
void nvb_child_become_root(const struct nvb_launch *launch)
{
    unsigned uid = launch->root_uid;
    unsigned gid = launch->root_gid;

    if (!launch->has_many_ids)
        return;
    if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        nvb_child_die(launch, errno, "cannot become root of the container's user namespace");
}

/* The parent left only the groups that own the device nodes, and an ordinary user's own: with
 * nodes they stay, since nothing in the namespace could give them back. With one id they cannot be
 * changed at all. */
static void set_groups(const struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;
    bool is_one = launch->map.n_gids == 1 && launch->map.gids[0].count == 1;

    if (c->lowers.n > 0 && c->edits.n_nodes == 0 && !is_one &&
        syscall(SYS_setgroups, c->n_groups, c->groups) < 0)
        nvb_child_die(launch, errno, "cannot take the groups of user %u", c->uid);
}

void nvb_child_become_user(const struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;

    if (!launch->has_many_ids)
        return;
    set_groups(launch);
    if (c->ambient && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        nvb_child_die(launch, errno, "cannot keep capabilities");
    if (setresgid(c->gid, c->gid, c->gid) < 0 || setresuid(c->uid, c->uid, c->uid) < 0)
        nvb_child_die(launch, errno, "cannot become user %u", c->uid);
}
