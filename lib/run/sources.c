/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "run/idmap.h"
#include "run/layer.h"
#include "run/mount_api.h"

static const struct nvb_mount *mount_of(const struct nvb_launch *launch, size_t i)
{
    const struct nvb_edits *edits = &launch->container->edits;

    return i < edits->n_nodes ? NULL : &edits->mounts[i - edits->n_nodes];
}

/* The host path of source i, NULL when this edit has none. */
static const char *path_of(const struct nvb_launch *launch, size_t i)
{
    const struct nvb_edits *edits = &launch->container->edits;
    const struct nvb_mount *mount = mount_of(launch, i);

    if (!mount)
        return edits->nodes[i].host_path ? edits->nodes[i].host_path : edits->nodes[i].path;
    if (nvb_layer_is_ready(launch->container, mount))
        return NULL;
    return mount->kind == NVB_MOUNT_BIND ? mount->host_path : NULL;
}

/* A device node in one of these is bound by its name, in two calls instead of seven: they are
 * root's and open to all, so the name means the same to whoever looks. */
static bool is_plain_node(const char *path)
{
    static const char *const dirs[] = { "/dev/dri/", "/dev/nvidia-caps/", "/dev/" };
    struct stat st;

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        size_t len = strlen(dirs[i]);

        if (nvb_has_prefix(path, dirs[i]) && !strchr(path + len, '/'))
            return path[len] != '.' && stat(path, &st) == 0 && S_ISCHR(st.st_mode);
    }
    return false;
}

/* Async-signal-safe. 0, or -1 with errno. */
static int open_source(struct nvb_launch *launch, size_t i)
{
    const struct nvb_mount *mount = mount_of(launch, i);
    bool is_recursive = mount && mount->is_recursive;
    struct mount_attr attr = {
        .attr_set = MOUNT_ATTR_NOSUID,
    };
    struct stat st;

    if (!mount && is_plain_node(path_of(launch, i))) {
        launch->source_fds[i] = NVB_SOURCE_NAMED;
        return 0;
    }
    launch->source_fds[i] =
        nvb_open_tree(AT_FDCWD, path_of(launch, i), is_recursive ? AT_RECURSIVE : 0);
    if (launch->source_fds[i] < 0)
        return -1;
    if (!mount && fstat(launch->source_fds[i], &st) == 0 && S_ISCHR(st.st_mode))
        return 0; /* a node of its own gains nothing from nosuid */
    if (mount) {
        attr.attr_set |= MOUNT_ATTR_NODEV | (mount->is_writable ? 0 : MOUNT_ATTR_RDONLY) |
                         (mount->is_noexec ? MOUNT_ATTR_NOEXEC : 0);
    }
    return nvb_mount_setattr(launch->source_fds[i], is_recursive ? AT_RECURSIVE : 0, &attr);
}

int nvb_source_stat(const struct nvb_launch *launch, size_t i, struct stat *out)
{
    return launch->source_fds[i] >= 0 ? fstat(launch->source_fds[i], out)
                                      : stat(path_of(launch, i), out);
}

bool nvb_sources_open(struct nvb_launch *launch, struct nvb_err *err)
{
    for (size_t i = 0; i < launch->n_sources; i++) {
        const char *path = path_of(launch, i);

        if (path && open_source(launch, i) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot use '%s'", path);
    }
    return true;
}

void nvb_child_open_sources(struct nvb_launch *launch)
{
    for (size_t i = 0; i < launch->n_sources; i++) {
        const char *path = path_of(launch, i);

        if (path && launch->source_fds[i] == NVB_SOURCE_NONE && open_source(launch, i) < 0)
            nvb_child_die(launch, errno, "cannot use '%s'", path);
    }
}

/* The namespace of the last owner, since volumes mostly have one and the same. */
struct owner {
    int user_ns_fd;
    uid_t uid;
    gid_t gid;
};

static void forget(struct owner *owner)
{
    if (owner->user_ns_fd >= 0)
        (void)close(owner->user_ns_fd);
    owner->user_ns_fd = -1;
}

/* Show the files of the source's owner as the container's user's: what the user makes in the
 * volume then belongs to the owner on the host. */
static bool map_source(struct nvb_launch *launch,
                       size_t i,
                       struct owner *owner,
                       struct nvb_strv *warnings,
                       struct nvb_err *err)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
    struct stat st;

    if (fstat(launch->source_fds[i], &st) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot look at '%s'", path_of(launch, i));
    if (owner->user_ns_fd < 0 || owner->uid != st.st_uid || owner->gid != st.st_gid) {
        struct nvb_id_map map = nvb_idmap_of_volume(launch, st.st_uid, st.st_gid);

        forget(owner);
        owner->uid = st.st_uid;
        owner->gid = st.st_gid;
        owner->user_ns_fd = nvb_idmap_open_namespace(&map, err);
    }
    if (owner->user_ns_fd < 0)
        return false;
    attr.userns_fd = (uint32_t)owner->user_ns_fd;
    if (nvb_mount_setattr(launch->source_fds[i], 0, &attr) < 0) {
        nvb_strv_addf(warnings,
                      "volume '%s' keeps its owner: its file system has no idmapped mounts (%s)",
                      path_of(launch, i), strerror(errno));
    }
    return true;
}

bool nvb_sources_map(struct nvb_launch *launch, struct nvb_strv *warnings, struct nvb_err *err)
{
    struct owner owner = { .user_ns_fd = -1 };
    bool ok = true;

    for (size_t i = 0; i < launch->n_sources && ok; i++) {
        const struct nvb_mount *mount = mount_of(launch, i);

        if (mount && mount->is_mapped && launch->source_fds[i] >= 0)
            ok = map_source(launch, i, &owner, warnings, err);
    }
    forget(&owner);
    return ok;
}

void nvb_sources_clear(struct nvb_launch *launch)
{
    for (size_t i = 0; launch->source_fds && i < launch->n_sources; i++) {
        if (launch->source_fds[i] >= 0)
            (void)close(launch->source_fds[i]);
    }
    free(launch->source_fds);
    launch->source_fds = NULL;
    launch->n_sources = 0;
}
