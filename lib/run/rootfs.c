/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "run/attach.h"
#include "run/layer.h"
#include "run/lowers.h"
#include "run/mount_api.h"
#include "run/overlay.h"

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
    if (place < 0) {
        nvb_child_die_kind(
            launch, NVB_E_NOT_FOUND, "make that directory: mkdir -m 1777 " NVB_SCRATCH,
            "there is no directory '" NVB_SCRATCH "' to build the container's root over");
    }
    if (mount_fd < 0 || nvb_move_mount(mount_fd, place) < 0)
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

_Noreturn static void die_of_image(const struct nvb_launch *launch)
{
    int saved = errno;

    if (saved == ENOENT || saved == ELOOP) { /* the way to the layers by their descriptors */
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED, "mount -t proc proc /proc",
                           "an image cannot be mounted without /proc");
    }
    nvb_child_die_kind(launch, NVB_E_UNSUPPORTED,
                       "overlays in user namespaces need Linux 5.11, and the store a file system "
                       "that they accept; see nvbind doctor",
                       "cannot lay the image's %zu layers upon each other: %s", launch->n_lowers,
                       strerrordesc_np(saved));
}

/* Where writes go: the scratch directory, or a place that is kept. There our own files are not
 * among what the container wrote, but in a layer below it. */
static void
choose_upper(const struct nvb_launch *launch, int scratch_fd, char upper[64], char work[64])
{
    (void)snprintf(upper, 64, NVB_SCRATCH "/upper/0");
    (void)snprintf(work, 64, NVB_SCRATCH "/work/0");
    if (launch->kept_fd < 0)
        return;
    launch->lower_fds[NVB_LOWER_OURS] =
        openat(scratch_fd, "upper/0", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (launch->lower_fds[NVB_LOWER_OURS] < 0)
        nvb_child_die(launch, errno, "cannot open a layer");
    nvb_child_make_in_kept(launch, "upper");
    nvb_child_make_in_kept(launch, "work");
    nvb_child_make_in_kept(launch, "upper/%");
    nvb_child_make_in_kept(launch, "work/%");
    (void)snprintf(upper, 64, "/proc/self/fd/%d/upper/%%", launch->kept_fd);
    (void)snprintf(work, 64, "/proc/self/fd/%d/work/%%", launch->kept_fd);
}

static void mount_image(const struct nvb_launch *launch,
                        const struct nvb_root_step *step,
                        int scratch_fd,
                        int place_fd)
{
    char upper[64];
    char work[64];
    struct nvb_overlay_parts parts = {
        .lower_fds = launch->lower_fds,
        .n_lowers = NVB_LOWER_FIRST + launch->n_lowers,
        .upper = upper,
        .work = work,
        .is_volatile = launch->kept_fd < 0,
    };

    if (step->has_layer && launch->is_layer_foreign)
        nvb_child_fill_instead(launch, scratch_fd, step);
    else if (step->has_layer)
        launch->lower_fds[NVB_LOWER_LAYER] = fcntl(launch->layer_fd, F_DUPFD_CLOEXEC, 3);
    choose_upper(launch, scratch_fd, upper, work);
    if (nvb_overlay_mount(&parts, place_fd) < 0)
        die_of_image(launch);
}

/* What was written in an earlier life must not lead the kernel's file systems astray. */
static void check_kernel_places(const struct nvb_launch *launch, int root_fd)
{
    static const char *const names[] = { "proc", "sys", "dev" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        nvb_autoclose int fd =
            openat(root_fd, names[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
            nvb_child_die(launch, errno, "'/%s' in the container is no directory", names[i]);
    }
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

/* In a foreign tree, which may have it already. */
static void
make_image_directory(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    const struct nvb_container *c = launch->container;
    nvb_autoclose int fd = -1;

    if (step->is_layered)
        return;
    fd = nvb_child_target(launch, root_fd, step->path, true);
    if (step->is_users && fchownat(fd, "", c->uid, c->gid, AT_EMPTY_PATH) < 0)
        nvb_child_die(launch, errno, "cannot give '%s' to the user", step->path);
}

/* Below a directory that is kept the links are the container's: a path through one is resolved
 * inside the root. Else what is there is ours, and the path may be walked as it is. */
static int parent_of(const struct nvb_launch *launch,
                     int root_fd,
                     const struct nvb_root_step *step,
                     int *out_owned_fd,
                     const char **out_name)
{
    const char *slash = strrchr(step->path, '/');
    char parent[PATH_MAX];

    *out_name = step->path + 1;
    if (launch->kept_fd < 0 || slash == step->path)
        return root_fd;
    (void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - step->path), step->path);
    *out_owned_fd = nvb_child_target(launch, root_fd, parent, true);
    *out_name = slash + 1;
    return *out_owned_fd;
}

/* The directory that outlives the container, over the one in memory. */
static void mount_kept(const struct nvb_launch *launch,
                       const struct nvb_root_step *step,
                       int dir_fd,
                       const char *name)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
    nvb_autoclose int tree = -1;
    nvb_autoclose int place = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    char path[NAME_MAX + 8];

    nvb_child_make_in_kept(launch, "dirs");
    (void)snprintf(path, sizeof(path), "dirs/%s", name);
    if (mkdirat(launch->kept_fd, path, step->mode) < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make a layer in '%s'", launch->container->kept);
    tree = nvb_open_tree(launch->kept_fd, path, 0);
    if (tree < 0 || place < 0 || nvb_mount_setattr(tree, 0, &attr) < 0 ||
        nvb_move_mount(tree, place) < 0)
        nvb_child_die(launch, errno, "cannot place '%s'", step->path);
}

static void
make_directory(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    nvb_autoclose int parent_fd = -1;
    const char *path = NULL;
    int dir_fd = -1;
    int made = 0;

    if (launch->n_lowers > 0) {
        make_image_directory(launch, root_fd, step);
        return;
    }
    dir_fd = parent_of(launch, root_fd, step, &parent_fd, &path);
    made = mkdirat(dir_fd, path, step->mode);
    if (made < 0 && errno == ENOENT) {
        nvb_child_make_parents(launch, dir_fd, path);
        made = mkdirat(dir_fd, path, step->mode);
    }
    if (made < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make '%s'", step->path);
    if (step->is_users && made == 0 &&
        fchownat(dir_fd, path, launch->container->uid, launch->container->gid,
                 AT_SYMLINK_NOFOLLOW) < 0)
        nvb_child_die(launch, errno, "cannot give '%s' to the user", step->path);
    if (step->is_kept && launch->kept_fd >= 0)
        mount_kept(launch, step, dir_fd, path);
}

static void
make_link(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    nvb_autoclose int parent_fd = -1;
    const char *path = NULL;
    int dir_fd = parent_of(launch, root_fd, step, &parent_fd, &path);

    if (symlinkat(step->source, dir_fd, path) < 0 && (launch->kept_fd < 0 || errno != EEXIST))
        nvb_child_die(launch, errno, "cannot make the link '%s'", step->path);
}

/* A file outside of every overlay; those inside are in their layer already. */
static void
make_file(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    nvb_autoclose int parent_fd = -1;
    const char *path = NULL;
    int dir_fd = -1;

    if (nvb_layer_covers(launch->container, step->path))
        return;
    dir_fd = parent_of(launch, root_fd, step, &parent_fd, &path);
    nvb_child_make_parents(launch, dir_fd, path);
    nvb_child_write_file(launch, dir_fd, path, step->content, strlen(step->content), step->mode);
}

/* The mount point of a part of the image, in a root that holds only what we made so far. */
static int
make_place(const struct nvb_launch *launch, int root_fd, const struct nvb_root_step *step)
{
    const char *path = step->path + 1;
    int fd = -1;

    if (strchr(path, '/'))
        return nvb_child_target(launch, root_fd, step->path, true);
    if (mkdirat(root_fd, path, 0755) < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make '%s'", step->path);
    fd = openat(root_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        nvb_child_die(launch, errno, "cannot open '%s'", step->path);
    return fd;
}

/* Part by part, in a root that is ours. */
static void carry_out(const struct nvb_launch *launch, int scratch_fd, int root_fd)
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
            make_link(launch, root_fd, step);
            break;
        case NVB_ROOT_OVERLAY: {
            if (!step->source) /* the image: is there already */
                break;
            nvb_autoclose int place = make_place(launch, root_fd, step);

            nvb_child_mount_overlay(launch, step, n_overlays++, scratch_fd, place);
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

static const struct nvb_root_step *find_image(const struct nvb_container *c)
{
    return c->n_steps > 0 && c->steps[0].kind == NVB_ROOT_OVERLAY && !c->steps[0].source
               ? &c->steps[0]
               : NULL;
}

int nvb_child_build_root(struct nvb_launch *launch)
{
    const struct nvb_root_step *image = find_image(launch->container);
    nvb_autoclose int scratch_fd = -1;
    int root_fd = -1;

    (void)umask(0);
    /* Nothing that is mounted here may travel back to the host. */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        nvb_child_die(launch, errno, "cannot make the mount tree private");
    scratch_fd = mount_scratch(launch);
    nvb_child_show_lowers(launch, scratch_fd);
    nvb_child_fill_layers(launch, scratch_fd);
    if (image) {
        nvb_autoclose int place = openat(scratch_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

        mount_image(launch, image, scratch_fd, place);
    } else {
        bind_onto_itself(launch, scratch_fd, "root");
    }
    root_fd = openat(scratch_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        nvb_child_die(launch, errno, "cannot open the new root");
    if (image)
        check_kernel_places(launch, root_fd);
    carry_out(launch, scratch_fd, root_fd);
    return root_fd;
}

/* A directory as a mount of its own, which stays writable when the root's no longer is. What is
 * mounted there keeps its own flags: a copy of /proc would not have what hides parts of it. */
static void keep_writable(const struct nvb_launch *launch, int root_fd, const char *path)
{
    nvb_autoclose int place = nvb_open_in_root(root_fd, path, O_PATH | O_DIRECTORY);
    nvb_autoclose int tree = -1;
    struct stat root;
    struct stat st;

    if (place < 0 && (errno == ENOENT || errno == ENOTDIR))
        return;
    if (place >= 0 && fstat(place, &st) == 0 && fstat(root_fd, &root) == 0 &&
        (st.st_dev != root.st_dev || st.st_ino == root.st_ino))
        return;
    tree = place < 0 ? -1 : nvb_open_tree(place, "", AT_EMPTY_PATH);
    if (tree < 0 || nvb_move_mount(tree, place) < 0)
        nvb_child_die(launch, errno, "cannot bind '%s'", path);
}

static void make_read_only(const struct nvb_launch *launch, int root_fd)
{
    const struct nvb_strv *writable = &launch->container->writable;
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

    for (size_t i = 0; i < writable->n; i++)
        keep_writable(launch, root_fd, writable->items[i]);
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
