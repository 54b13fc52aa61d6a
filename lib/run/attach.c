/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "run/layer.h"
#include "run/mount_api.h"

/* Make the last part of `path` in its parent, both resolved inside the root. */
static void make_last(const struct nvb_launch *launch, int root_fd, char *path, bool is_directory)
{
    char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    nvb_autoclose int parent = -1;
    int made = 0;

    if (slash)
        *slash = '\0';
    parent = nvb_open_in_root(root_fd, slash && *path ? path : ".", O_PATH | O_DIRECTORY);
    if (parent < 0)
        nvb_child_die(launch, errno, "cannot open '/%s' in the container", slash ? path : "");
    if (is_directory) {
        made = mkdirat(parent, name, 0755);
    } else {
        made = mknodat(parent, name, S_IFREG | 0644, 0);
    }
    if (slash)
        *slash = '/';
    if (made < 0 && errno == EROFS) {
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED,
                           "choose a place that is there already; where something is mounted below "
                           "a part of the machine (findmnt shows it), containers get that part "
                           "read-only",
                           "cannot make '/%s' in the container: Read-only file system", path);
    }
    if (made < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make '/%s' in the container", path);
}

int nvb_child_target(const struct nvb_launch *launch,
                     int root_fd,
                     const char *path,
                     bool is_directory)
{
    char part[PATH_MAX];
    int fd = nvb_open_in_root(root_fd, path, O_PATH);

    if (fd >= 0)
        return fd;
    path += strspn(path, "/");
    if (strlen(path) >= sizeof(part))
        nvb_child_die(launch, ENAMETOOLONG, "cannot mount at '/%s'", path);
    for (size_t len = strcspn(path, "/"); len > 0; len += strcspn(path + len, "/")) {
        bool is_last = path[len] == '\0' || path[len + strspn(path + len, "/")] == '\0';
        nvb_autoclose int there = -1;

        memcpy(part, path, len);
        part[len] = '\0';
        there = nvb_open_in_root(root_fd, part, O_PATH);
        if (there < 0)
            make_last(launch, root_fd, part, is_directory || !is_last);
        if (is_last)
            break;
        len += strspn(path + len, "/");
    }
    fd = nvb_open_in_root(root_fd, path, O_PATH);
    if (fd < 0)
        nvb_child_die(launch, errno, "cannot mount at '/%s' in the container", path);
    return fd;
}

/* A place in our own /dev, where nothing foreign can lead astray: made without looking first. */
static bool make_node_place(int root_fd, const char *path)
{
    const char *name = nvb_has_prefix(path, "/dev/") ? path + 1 : NULL;
    bool is_drm = name && nvb_has_prefix(name, "dev/dri/");

    if (!name || strchr(name + (is_drm ? 8 : 4), '/'))
        return false;
    if (is_drm && mkdirat(root_fd, "dev/dri", 0755) < 0 && errno != EEXIST)
        return false;
    return mknodat(root_fd, name, S_IFREG | 0644, 0) == 0;
}

/* By name, where both ends have one that nothing foreign can change. */
static void bind_node(const struct nvb_launch *launch, const char *from, const char *to)
{
    char inside[PATH_MAX];

    (void)snprintf(inside, sizeof(inside), NVB_SCRATCH_ROOT "%s", to);
    if (mount(from, inside, NULL, MS_BIND, NULL) < 0)
        nvb_child_die(launch, errno, "cannot give the container '%s'", from);
}

static void attach_node(const struct nvb_launch *launch, int root_fd, size_t i)
{
    const struct nvb_device_node *node = &launch->container->edits.nodes[i];
    const char *from = node->host_path ? node->host_path : node->path;
    bool is_plain = make_node_place(root_fd, node->path);
    bool is_named = launch->source_fds[i] == NVB_SOURCE_NAMED;
    nvb_autoclose int tree = -1;
    nvb_autoclose int place = -1;

    if (is_named && is_plain) {
        bind_node(launch, from, node->path);
        return;
    }
    if (is_named)
        tree = nvb_open_tree(AT_FDCWD, from, 0);
    place = nvb_child_target(launch, root_fd, node->path, false);
    if (nvb_move_mount(is_named ? tree : launch->source_fds[i], place) < 0)
        nvb_child_die(launch, errno, "cannot mount at '%s' in the container", node->path);
}

static void attach(const struct nvb_launch *launch, int root_fd, size_t i, const char *path)
{
    struct stat st;
    nvb_autoclose int place = -1;

    if (fstat(launch->source_fds[i], &st) < 0)
        nvb_child_die(launch, errno, "cannot look at the source of '%s'", path);
    place = nvb_child_target(launch, root_fd, path, S_ISDIR(st.st_mode));
    if (nvb_move_mount(launch->source_fds[i], place) < 0)
        nvb_child_die(launch, errno, "cannot mount at '%s' in the container", path);
}

/* The kernel's files cannot be written, only covered; what is not there needs no cover. The cover
 * has a name in the scratch directory, since a file without one cannot be mounted. */
static void
cover_file(const struct nvb_launch *launch, int root_fd, size_t i, const struct nvb_mount *m)
{
    struct mount_attr attr = {
        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    };
    nvb_autoclose int place = nvb_open_in_root(root_fd, m->container_path, O_PATH);
    nvb_autoclose int scratch = open(NVB_SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_autoclose int tree = -1;
    char name[32];

    if (place < 0 && errno == ENOENT)
        return;
    if (place < 0 || scratch < 0)
        nvb_child_die(launch, errno, "cannot cover '%s' in the container", m->container_path);
    (void)snprintf(name, sizeof(name), "cover-%zu", i);
    nvb_child_write_file(launch, scratch, name, m->content.data, m->content.len,
                         m->mode ? m->mode : 0644);
    tree = nvb_open_tree(scratch, name, 0);
    if (tree < 0 || nvb_mount_setattr(tree, 0, &attr) < 0 || nvb_move_mount(tree, place) < 0)
        nvb_child_die(launch, errno, "cannot cover '%s' in the container", m->container_path);
}

/* A link outside of every overlay; those inside are in their layer already. */
static void place_link(const struct nvb_launch *launch, int root_fd, const struct nvb_mount *m)
{
    const char *name = strrchr(m->container_path, '/');
    nvb_autoclose int parent = -1;
    char path[PATH_MAX];

    if (nvb_layer_covers(launch->container, m->container_path))
        return;
    (void)snprintf(path, sizeof(path), "%.*s", (int)(name - m->container_path), m->container_path);
    parent = nvb_child_target(launch, root_fd, path, true);
    (void)unlinkat(parent, name + 1, 0);
    if (symlinkat(m->host_path, parent, name + 1) < 0) {
        nvb_child_die(launch, errno, "cannot make the link '%s' in the container",
                      m->container_path);
    }
}

static void
place_file(const struct nvb_launch *launch, int root_fd, size_t i, const struct nvb_mount *m)
{
    nvb_autoclose int place = -1;
    nvb_autoclose int fd = -1;
    char name[32];

    if (nvb_layer_covers(launch->container, m->container_path))
        return;
    if (nvb_has_prefix(m->container_path, "/proc/")) {
        cover_file(launch, root_fd, i, m);
        return;
    }
    place = nvb_child_target(launch, root_fd, m->container_path, false);
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", place);
    fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0 || !nvb_write_all(fd, m->content.data, m->content.len) ||
        fchmod(fd, m->mode ? m->mode : 0644) < 0 ||
        fchown(fd, launch->container->uid, launch->container->gid) < 0)
        nvb_child_die(launch, errno, "cannot write '%s' in the container", m->container_path);
}

void nvb_child_apply_edits(const struct nvb_launch *launch, int root_fd)
{
    const struct nvb_edits *edits = &launch->container->edits;

    for (size_t i = 0; i < edits->n_nodes; i++)
        attach_node(launch, root_fd, i);
    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *m = &edits->mounts[i];

        if (nvb_layer_is_ready(launch->container, m))
            continue;
        switch (m->kind) {
        case NVB_MOUNT_FS: /* refused before the start */
            break;
        case NVB_MOUNT_BIND:
            attach(launch, root_fd, edits->n_nodes + i, m->container_path);
            break;
        case NVB_MOUNT_FILE:
            place_file(launch, root_fd, i, m);
            break;
        case NVB_MOUNT_LINK:
            place_link(launch, root_fd, m);
            break;
        }
    }
}
