/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/idmap.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void set_all(struct nvb_id_map *map, struct nvb_id_extent uid, struct nvb_id_extent gid)
{
    *map = (struct nvb_id_map){ .uids = { uid }, .n_uids = 1, .gids = { gid }, .n_gids = 1 };
}

/* Without an image's wish. */
static bool choose_usual(struct nvb_launch *launch, struct nvb_err *err)
{
    const struct nvb_container *c = launch->container;
    struct nvb_id_extent all = { .count = NVB_ID_RANGE };

    if (launch->is_range) {
        if (!nvb_id_range_find(&all.outside, err))
            return false;
        set_all(&launch->map, all, all);
    } else {
        set_all(&launch->map, (struct nvb_id_extent){ c->uid, geteuid(), 1 },
                (struct nvb_id_extent){ c->gid, getegid(), 1 });
    }
    return true;
}

bool nvb_idmap_choose(struct nvb_launch *launch, struct nvb_err *err)
{
    const struct nvb_container *c = launch->container;

    if (!nvb_id_range_has(&launch->is_range, err))
        return false;
    launch->map = c->map;
    if (c->map.n_uids == 0 && !choose_usual(launch, err))
        return false;
    launch->has_many_ids = launch->is_range || launch->map.is_helped;
    launch->root_uid = launch->map.uids[0].inside;
    launch->root_gid = launch->map.gids[0].inside;
    return true;
}

/* Every id is its own but for these two, which change places. */
static size_t
fill_swapped(struct nvb_id_extent *out, const struct nvb_id_extent *all, unsigned a, unsigned b)
{
    unsigned low = a < b ? a : b;
    unsigned high = a < b ? b : a;
    const struct nvb_id_extent parts[] = {
        {0,         all->outside,            low                  },
        { low,      all->outside + high,     1                    },
        { low + 1,  all->outside + low + 1,  high - low - 1       },
        { high,     all->outside + low,      1                    },
        { high + 1, all->outside + high + 1, all->count - high - 1},
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].count > 0)
            out[n++] = parts[i];
    }
    return n;
}

/* An owner beyond the range takes the place of the container's user. */
static size_t
fill_moved(struct nvb_id_extent *out, const struct nvb_id_extent *all, unsigned disk, unsigned user)
{
    const struct nvb_id_extent parts[] = {
        {0,         all->outside,            user                 },
        { user + 1, all->outside + user + 1, all->count - user - 1},
        { disk,     all->outside + user,     1                    },
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].count > 0)
            out[n++] = parts[i];
    }
    return n;
}

static size_t fill_volume(struct nvb_id_extent *out,
                          const struct nvb_id_extent *all,
                          unsigned disk,
                          unsigned user,
                          bool is_whole)
{
    if (!is_whole || user < all->inside || user - all->inside >= all->count) {
        out[0] = (struct nvb_id_extent){ disk, all->outside + (user - all->inside), 1 };
        return 1;
    }
    if (disk == user) {
        out[0] = *all;
        return 1;
    }
    return disk < all->count ? fill_swapped(out, all, disk, user)
                             : fill_moved(out, all, disk, user);
}

struct nvb_id_map
nvb_idmap_of_volume(const struct nvb_launch *launch, unsigned disk_uid, unsigned disk_gid)
{
    const struct nvb_container *c = launch->container;
    /* Only what an image with users of its own needs: the rest of the disk's ids stay unknown. */
    bool is_whole = c->map.n_uids > 0 && launch->map.uids[0].count == NVB_ID_RANGE;
    struct nvb_id_map map = { 0 };

    map.n_uids = fill_volume(map.uids, &launch->map.uids[0], disk_uid, c->uid, is_whole);
    map.n_gids = fill_volume(map.gids, &launch->map.gids[0], disk_gid, c->gid, is_whole);
    return map;
}

/* It only keeps the namespace alive until that is open; no longer than its parent lives. */
_Noreturn static void hold_namespace(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(0);
    for (;;)
        (void)pause();
}

int nvb_idmap_open_namespace(const struct nvb_id_map *map, struct nvb_err *err)
{
    struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    struct nvb_id_map_work work = NVB_ID_MAP_WORK_INIT;
    pid_t parent = getpid();
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    char path[64];
    int fd = -1;

    if (pid == 0)
        hold_namespace(parent);
    if (pid < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot make a user namespace for a mount");
        return -1;
    }
    if (nvb_id_map_begin(map, pid, &work, err)) {
        (void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            nvb_fail_errno(err, NVB_D_RUN, "cannot open the user namespace of a mount");
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return fd;
}
