/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "run/mount_api.h"

/* Where a FILE or HIDE step goes: the layer of the overlay that covers its path, else the root. */
struct place {
    int dir_fd;       /* borrowed */
    const char *rest; /* path below it, without a leading slash */
};

static size_t overlay_index(const struct nvb_container *c, const char *path, const char **out_rest)
{
    size_t n = 0;
    size_t found = SIZE_MAX;
    size_t longest = 0;

    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];
        size_t len = strlen(step->path);

        if (step->kind != NVB_ROOT_OVERLAY)
            continue;
        if (len > longest && strncmp(path, step->path, len) == 0 && path[len] == '/') {
            longest = len;
            found = n;
            *out_rest = path + len + 1;
        }
        n++;
    }
    return found;
}

/* "upper/3" and the like. */
static void layer_name(char out[32], const char *what, size_t i)
{
    (void)snprintf(out, 32, "%s/%zu", what, i);
}

/* Make the missing parents of `path` below a directory of ours that holds no foreign links. */
static void make_parents(const struct nvb_launch *launch, int dir_fd, const char *path)
{
    char part[PATH_MAX];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);

        if (len == 0 || len >= sizeof(part))
            continue;
        memcpy(part, path, len);
        part[len] = '\0';
        if (mkdirat(dir_fd, part, 0755) < 0 && errno != EEXIST)
            nvb_child_die(launch, errno, "cannot make '%s' in the container's layer", part);
    }
}

static void write_file(const struct nvb_launch *launch,
                       int dir_fd,
                       const char *path,
                       const void *data,
                       size_t len,
                       unsigned mode)
{
    nvb_autoclose int fd =
        openat(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0 || !nvb_write_all(fd, data, len))
        nvb_child_die(launch, errno, "cannot write '%s' in the container", path);
}

static void
fill_layer(const struct nvb_launch *launch, int scratch_fd, const struct nvb_root_step *step)
{
    const char *rest = NULL;
    size_t layer = overlay_index(launch->container, step->path, &rest);
    char name[32];
    nvb_autoclose int dir_fd = -1;

    if (layer == SIZE_MAX)
        return;
    layer_name(name, "upper", layer);
    dir_fd = openat(scratch_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    make_parents(launch, dir_fd, rest);
    if (step->kind == NVB_ROOT_FILE) {
        write_file(launch, dir_fd, rest, step->content, strlen(step->content), step->mode);
    } else if (mknodat(dir_fd, rest, S_IFCHR, 0) < 0) { /* 0:0 is overlayfs's whiteout */
        nvb_child_die(launch, errno, "cannot hide '%s'", step->path);
    }
}

/* Files of the edits that land in an overlay go to its layer before it is mounted, too: writing
 * below a mounted overlay is undefined. */
static void fill_edit_files(const struct nvb_launch *launch, int scratch_fd)
{
    const struct nvb_edits *edits = &launch->container->edits;

    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *m = &edits->mounts[i];
        const char *rest = NULL;
        size_t layer = 0;
        char name[32];
        nvb_autoclose int dir_fd = -1;

        if (m->kind != NVB_MOUNT_FILE)
            continue;
        layer = overlay_index(launch->container, m->container_path, &rest);
        if (layer == SIZE_MAX)
            continue;
        layer_name(name, "upper", layer);
        dir_fd = openat(scratch_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        make_parents(launch, dir_fd, rest);
        write_file(launch, dir_fd, rest, m->content.data, m->content.len, m->mode ? m->mode : 0644);
    }
}

static void make_layers(const struct nvb_launch *launch, int scratch_fd)
{
    const struct nvb_container *c = launch->container;
    size_t n = 0;
    char name[32];

    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].kind != NVB_ROOT_OVERLAY)
            continue;
        layer_name(name, "upper", n);
        if (mkdirat(scratch_fd, name, 0755) < 0)
            nvb_child_die(launch, errno, "cannot make a layer");
        layer_name(name, "work", n++);
        if (mkdirat(scratch_fd, name, 0700) < 0)
            nvb_child_die(launch, errno, "cannot make a layer");
    }
    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].kind == NVB_ROOT_FILE || c->steps[i].kind == NVB_ROOT_HIDE)
            fill_layer(launch, scratch_fd, &c->steps[i]);
    }
    fill_edit_files(launch, scratch_fd);
}

/* A tmpfs over the child's own view of /tmp; nosuid and nodev hold for everything in it. */
static int mount_scratch(const struct nvb_launch *launch)
{
    nvb_autoclose int context = nvb_fsopen("tmpfs");
    nvb_autoclose int mount_fd = -1;
    nvb_autoclose int place = open(NVB_SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int scratch_fd = -1;

    if (context < 0 || nvb_fsconfig_str(context, "mode", "0755") < 0 ||
        nvb_fsconfig_create(context) < 0)
        nvb_child_die(launch, errno, "cannot make a tmpfs");
    mount_fd = nvb_fsmount(context, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (place < 0 || mount_fd < 0 || nvb_move_mount(mount_fd, place) < 0)
        nvb_child_die(launch, errno, "cannot mount a tmpfs");
    scratch_fd = open(NVB_SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (scratch_fd < 0 || mkdirat(scratch_fd, "root", 0755) < 0 ||
        mkdirat(scratch_fd, "upper", 0700) < 0 || mkdirat(scratch_fd, "work", 0700) < 0)
        nvb_child_die(launch, errno, "cannot fill a tmpfs");
    return scratch_fd;
}

/* Bind a directory onto itself, so that it is a mount of its own. */
static void bind_onto_itself(const struct nvb_launch *launch, int dir_fd, const char *name)
{
    nvb_autoclose int tree = nvb_open_tree(dir_fd, name, 0);
    nvb_autoclose int place = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (tree < 0 || place < 0 || nvb_move_mount(tree, place) < 0)
        nvb_child_die(launch, errno, "cannot bind '%s'", name);
}

static void mount_overlay(const struct nvb_launch *launch,
                          const struct nvb_root_step *step,
                          size_t i,
                          int place_fd)
{
    bool is_ro = launch->container->is_read_only;
    nvb_autoclose int context = nvb_fsopen("overlay");
    nvb_autoclose int mount_fd = -1;
    char lower[PATH_MAX];
    char upper[64];
    char work[64];

    (void)snprintf(upper, sizeof(upper), NVB_SCRATCH "/upper/%zu", i);
    (void)snprintf(work, sizeof(work), NVB_SCRATCH "/work/%zu", i);
    /* Read-only: our own files are a lower layer on top of the host's. */
    (void)snprintf(lower, sizeof(lower), "%s%s%s", is_ro ? upper : "", is_ro ? ":" : "",
                   step->source);
    if (context < 0) {
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED, "load it with: modprobe overlay",
                           "the kernel has no overlay file system");
    }
    if (nvb_fsconfig_str(context, "lowerdir", lower) < 0 ||
        (!is_ro && nvb_fsconfig_str(context, "upperdir", upper) < 0) ||
        (!is_ro && nvb_fsconfig_str(context, "workdir", work) < 0))
        nvb_child_die(launch, errno, "cannot describe an overlay of '%s'", step->source);
    (void)nvb_fsconfig_flag(context, "volatile"); /* nothing of it outlives the container */
    if (nvb_fsconfig_flag(context, "userxattr") < 0 || nvb_fsconfig_create(context) < 0) {
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED,
                           "overlays in user namespaces need Linux 5.11; see nvbind doctor",
                           "cannot lay a writable layer over '%s': %s", step->source,
                           strerrordesc_np(errno));
    }
    mount_fd = nvb_fsmount(context,
                           MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (is_ro ? MOUNT_ATTR_RDONLY : 0U));
    if (mount_fd < 0 || nvb_move_mount(mount_fd, place_fd) < 0)
        nvb_child_die(launch, errno, "cannot mount the overlay of '%s'", step->source);
}

static void
mount_bind(const struct nvb_launch *launch, const struct nvb_root_step *step, int root_fd)
{
    struct mount_attr attr = {
        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
    };
    nvb_autoclose int tree = nvb_open_tree(AT_FDCWD, step->source, AT_RECURSIVE);
    nvb_autoclose int place = -1;
    struct stat st;

    if (tree < 0 || fstat(tree, &st) < 0 || nvb_mount_setattr(tree, AT_RECURSIVE, &attr) < 0)
        nvb_child_die(launch, errno, "cannot bind '%s'", step->source);
    place = nvb_child_target(launch, root_fd, step->path, S_ISDIR(st.st_mode));
    if (nvb_move_mount(tree, place) < 0)
        nvb_child_die(launch, errno, "cannot place '%s'", step->source);
}

static void
make_directory(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    const char *path = step->path + 1;

    make_parents(launch, root_fd, path);
    if (mkdirat(root_fd, path, step->mode) < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make '%s'", step->path);
    if (step->is_users &&
        fchownat(root_fd, path, launch->container->uid, launch->container->gid, 0) < 0)
        nvb_child_die(launch, errno, "cannot give '%s' to the user", step->path);
}

/* A file outside of every overlay; those inside are in their layer already. */
static void
make_file(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    const char *rest = NULL;

    if (overlay_index(launch->container, step->path, &rest) != SIZE_MAX)
        return;
    make_parents(launch, root_fd, step->path + 1);
    write_file(launch, root_fd, step->path + 1, step->content, strlen(step->content), step->mode);
}

static void carry_out(const struct nvb_launch *launch, int root_fd)
{
    const struct nvb_container *c = launch->container;
    size_t n_overlays = 0;

    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];

        switch (step->kind) {
        case NVB_ROOT_DIR:
            make_directory(launch, root_fd, step);
            break;
        case NVB_ROOT_LINK:
            if (symlinkat(step->source, root_fd, step->path + 1) < 0)
                nvb_child_die(launch, errno, "cannot make the link '%s'", step->path);
            break;
        case NVB_ROOT_OVERLAY: {
            nvb_autoclose int place = nvb_child_target(launch, root_fd, step->path, true);

            mount_overlay(launch, step, n_overlays++, place);
            break;
        }
        case NVB_ROOT_BIND:
            mount_bind(launch, step, root_fd);
            break;
        case NVB_ROOT_FILE:
            make_file(launch, root_fd, step);
            break;
        case NVB_ROOT_HIDE:
            break; /* is in its layer */
        }
    }
}

int nvb_child_build_root(const struct nvb_launch *launch)
{
    nvb_autoclose int scratch_fd = -1;
    int root_fd = -1;

    (void)umask(0);
    /* Nothing that is mounted here may travel back to the host. */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        nvb_child_die(launch, errno, "cannot make the mount tree private");
    scratch_fd = mount_scratch(launch);
    make_layers(launch, scratch_fd);
    bind_onto_itself(launch, scratch_fd, "root");
    root_fd = openat(scratch_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        nvb_child_die(launch, errno, "cannot open the new root");
    carry_out(launch, root_fd);
    return root_fd;
}

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
    if (made < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make '%s' in the container", name);
    if (slash)
        *slash = '/';
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

static void place_file(const struct nvb_launch *launch, int root_fd, const struct nvb_mount *m)
{
    const char *rest = NULL;
    nvb_autoclose int place = -1;
    nvb_autoclose int fd = -1;
    char name[32];

    if (overlay_index(launch->container, m->container_path, &rest) != SIZE_MAX)
        return;
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
        attach(launch, root_fd, i, edits->nodes[i].path);
    for (size_t i = 0; i < edits->n_mounts; i++) {
        if (edits->mounts[i].kind == NVB_MOUNT_BIND) {
            attach(launch, root_fd, edits->n_nodes + i, edits->mounts[i].container_path);
        } else {
            place_file(launch, root_fd, &edits->mounts[i]);
        }
    }
}

/* Without a writable layer only these stay writable, each as a mount of its own. */
static void make_read_only(const struct nvb_launch *launch, int root_fd)
{
    static const char *const writable[] = { "tmp", "run", "var/tmp" };
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

    for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
        bind_onto_itself(launch, root_fd, writable[i]);
    bind_onto_itself(launch, root_fd, launch->container->home + 1);
    if (nvb_mount_setattr(root_fd, 0, &attr) < 0)
        nvb_child_die(launch, errno, "cannot make the root read-only");
}

void nvb_child_pivot(const struct nvb_launch *launch, int root_fd)
{
    if (launch->container->is_read_only)
        make_read_only(launch, root_fd);
    /* Both paths ".": the old root lands over the new one and is then detached. */
    if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
        nvb_child_die(launch, errno, "cannot change the root");
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        nvb_child_die(launch, errno, "cannot leave the old root");
}
