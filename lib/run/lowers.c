/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/lowers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "run/idmap.h"
#include "run/mount_api.h"

enum {
    LOWERS_MAX = 500,   /* fs/overlayfs/params.h: OVL_MAX_STACK */
    OPTIONS_MAX = 4096, /* mount(2): a page */
};

/* A directory that is not placed anywhere yet, shown with other ids unless user_ns_fd is -1; -1 with
 * errno. */
static int open_mapped(const char *path, int user_ns_fd)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint32_t)user_ns_fd };
    nvb_autoclose int tree = nvb_open_tree(AT_FDCWD, path, 0);

    if (tree < 0 || (user_ns_fd >= 0 && nvb_mount_setattr(tree, 0, &attr) < 0))
        return -1;
    return nvb_steal_fd(&tree);
}

/* A child with one id cannot walk through a store whose directories are another's. */
static bool needs_trees(const struct nvb_launch *launch)
{
    return launch->container->lower_ids.n_uids > 0 ||
           (launch->is_range && launch->map.uids[0].count == 1);
}

static bool open_trees(struct nvb_launch *launch, struct nvb_err *err)
{
    const struct nvb_container *c = launch->container;
    nvb_autoclose int user_ns_fd = -1;

    if (c->lower_ids.n_uids > 0) {
        user_ns_fd = nvb_idmap_open_namespace(&c->lower_ids, err);
        if (user_ns_fd < 0)
            return false;
    }
    launch->has_trees = true;
    for (size_t i = 0; i < launch->n_lowers; i++) {
        launch->lower_fds[NVB_LOWER_FIRST + i] = open_mapped(c->lowers.items[i], user_ns_fd);
        if (launch->lower_fds[NVB_LOWER_FIRST + i] < 0) {
            nvb_fail_errno(err, NVB_D_RUN, "cannot show the files of '%s' in a container",
                           c->lowers.items[i]);
            return nvb_hint(err, "the store is another user's: use one of your own "
                                 "(NVBIND_STORE), on a file system with idmapped mounts");
        }
    }
    return true;
}

/* The driver's layer is root's; without a mapping its directories would be nobody's in there. */
static bool open_layer_mapped(struct nvb_launch *launch, struct nvb_err *err)
{
    const struct nvb_id_map map = {
        .uids = { { 0, launch->map.uids[0].outside, 1 } },
        .n_uids = 1,
        .gids = { { 0, launch->map.gids[0].outside, 1 } },
        .n_gids = 1,
    };
    nvb_autoclose int user_ns_fd = nvb_idmap_open_namespace(&map, err);

    if (user_ns_fd < 0)
        return false;
    launch->layer_fd = open_mapped(launch->container->layer, user_ns_fd);
    launch->is_layer_foreign = launch->layer_fd < 0;
    return true;
}

bool nvb_lowers_open(struct nvb_launch *launch, struct nvb_err *err)
{
    const struct nvb_container *c = launch->container;

    launch->n_lowers = c->lowers.n;
    if (c->lowers.n == 0)
        return true;
    if (c->lowers.n + (c->layer != NULL) > LOWERS_MAX) {
        nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
                 "the image has %zu layers, and the kernel's overlays take no more than %d",
                 c->lowers.n, LOWERS_MAX - (c->layer != NULL));
        return nvb_hint(err, "make one with fewer: nvbind export it and import the result");
    }
    launch->lower_fds = nvb_xcalloc(NVB_LOWER_FIRST + c->lowers.n, sizeof(*launch->lower_fds));
    for (size_t i = 0; i < NVB_LOWER_FIRST + c->lowers.n; i++)
        launch->lower_fds[i] = -1;
    return (!needs_trees(launch) || open_trees(launch, err)) &&
           (!launch->is_range || !c->layer || open_layer_mapped(launch, err));
}

void nvb_lowers_clear(struct nvb_launch *launch)
{
    for (size_t i = 0; launch->lower_fds && i < NVB_LOWER_FIRST + launch->n_lowers; i++) {
        if (launch->lower_fds[i] >= 0)
            (void)close(launch->lower_fds[i]);
    }
    free(launch->lower_fds);
    launch->lower_fds = NULL;
}

void nvb_child_open_lowers(struct nvb_launch *launch)
{
    const struct nvb_container *c = launch->container;

    for (size_t i = 0; i < launch->n_lowers; i++) {
        int *fd = &launch->lower_fds[NVB_LOWER_FIRST + i];

        if (*fd < 0)
            *fd = open(c->lowers.items[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (*fd < 0 && errno == EMFILE) {
            nvb_child_die_kind(launch, NVB_E_UNSUPPORTED, "allow more open files: ulimit -n 1024",
                               "the image has more layers than files may be open");
        }
        if (*fd < 0)
            nvb_child_die(launch, errno, "cannot use the layer '%s'", c->lowers.items[i]);
    }
    if (!c->kept)
        return;
    launch->kept_fd = open(c->kept, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (launch->kept_fd < 0)
        nvb_child_die(launch, errno, "cannot use '%s'", c->kept);
}

/* Only what is mounted in our own namespace can be a part of an overlay. */
static void place(const struct nvb_launch *launch, int scratch_fd, const char *name, int *fd)
{
    nvb_autoclose int at = -1;

    if (mkdirat(scratch_fd, name, 0700) == 0)
        at = openat(scratch_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (at < 0 || nvb_move_mount(*fd, at) < 0)
        nvb_child_die(launch, errno, "cannot place a layer");
    (void)close(*fd);
    *fd = openat(scratch_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0)
        nvb_child_die(launch, errno, "cannot open a layer");
}

void nvb_child_show_lowers(struct nvb_launch *launch, int scratch_fd)
{
    const struct nvb_container *c = launch->container;
    char name[32];

    for (size_t i = 0; launch->has_trees && i < launch->n_lowers; i++) {
        (void)snprintf(name, sizeof(name), "lower-%zu", i);
        place(launch, scratch_fd, name, &launch->lower_fds[NVB_LOWER_FIRST + i]);
    }
    if (launch->is_range && c->layer && launch->n_lowers > 0 && !launch->is_layer_foreign)
        place(launch, scratch_fd, "layer", &launch->layer_fd);
}

/* 0; -1 with errno, EOPNOTSUPP when the kernel takes no single layers. */
static int add_lowers(int context, const struct nvb_overlay_parts *parts)
{
    bool is_first = true;
    char path[32];

    for (size_t i = 0; i < parts->n_lowers; i++) {
        if (parts->lower_fds[i] < 0)
            continue;
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", parts->lower_fds[i]);
        if (nvb_fsconfig_str(context, "lowerdir+", path) < 0) {
            if (is_first && errno == EINVAL)
                errno = EOPNOTSUPP;
            return -1;
        }
        is_first = false;
    }
    return 0;
}

static int mount_new(const struct nvb_overlay_parts *parts, int place_fd)
{
    nvb_autoclose int context = nvb_fsopen("overlay");
    nvb_autoclose int mount_fd = -1;

    if (context < 0 || nvb_fsconfig_str(context, "source", "overlay") < 0 ||
        add_lowers(context, parts) < 0)
        return -1;
    if (parts->upper && (nvb_fsconfig_str(context, "upperdir", parts->upper) < 0 ||
                         nvb_fsconfig_str(context, "workdir", parts->work) < 0))
        return -1;
    if (parts->upper && parts->is_volatile)
        (void)nvb_fsconfig_flag(context, "volatile");
    if (nvb_fsconfig_flag(context, "userxattr") < 0 || nvb_fsconfig_create(context) < 0)
        return -1;
    mount_fd = nvb_fsmount(context, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                        (parts->upper ? 0U : MOUNT_ATTR_RDONLY));
    return mount_fd < 0 ? -1 : nvb_move_mount(mount_fd, place_fd);
}

/* All in one page: the layers' names are descriptors, seen from /proc/self/fd. */
static bool write_options(const struct nvb_overlay_parts *parts, char out[OPTIONS_MAX])
{
    int len = snprintf(out, OPTIONS_MAX, "userxattr");
    const char *before = ",lowerdir=";

    for (size_t i = 0; i < parts->n_lowers && len < OPTIONS_MAX; i++) {
        if (parts->lower_fds[i] < 0)
            continue;
        len +=
            snprintf(out + len, (size_t)(OPTIONS_MAX - len), "%s%d", before, parts->lower_fds[i]);
        before = ":";
    }
    if (parts->upper && len < OPTIONS_MAX) {
        len += snprintf(out + len, (size_t)(OPTIONS_MAX - len), ",upperdir=%s,workdir=%s%s",
                        parts->upper, parts->work, parts->is_volatile ? ",volatile" : "");
    }
    return len < OPTIONS_MAX;
}

int nvb_overlay_mount_old(const struct nvb_overlay_parts *parts, int place_fd)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | (parts->upper ? 0UL : MS_RDONLY);
    nvb_autoclose int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char options[OPTIONS_MAX];
    char at[32];
    int done = 0;
    int saved = 0;

    if (!write_options(parts, options)) {
        errno = E2BIG;
        return -1;
    }
    (void)snprintf(at, sizeof(at), "/proc/self/fd/%d", place_fd);
    if (here < 0 || chdir("/proc/self/fd") < 0)
        return -1;
    done = mount("overlay", at, "overlay", flags, options);
    saved = errno;
    if (fchdir(here) < 0)
        done = -1;
    errno = saved;
    return done;
}

int nvb_overlay_mount(const struct nvb_overlay_parts *parts, int place_fd)
{
    if (mount_new(parts, place_fd) == 0)
        return 0;
    return errno == EOPNOTSUPP ? nvb_overlay_mount_old(parts, place_fd) : -1;
}
