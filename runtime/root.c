/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "root_device.h"
#include "root_mount.h"
#include "run/mount_api.h"

bool root_open_place(int root_fd,
                     const char *path,
                     bool is_directory,
                     int *out_fd,
                     struct nvb_err *err)
{
    nvb_autofree char *parent = nvb_xstrdup(path);
    char *slash = NULL;
    int made = -1;

    *out_fd = nvb_open_in_root(root_fd, path, O_PATH | O_CLOEXEC);
    if (*out_fd >= 0)
        return true;
    if (is_directory) {
        if (!nvb_mkdirs_in_root(root_fd, path, 0755, err))
            return nvb_while(err, "cannot make '%s' in the container", path);
    } else {
        slash = strrchr(parent, '/');
        if (slash && slash > parent) {
            *slash = '\0';
            if (!nvb_mkdirs_in_root(root_fd, parent, 0755, err))
                return nvb_while(err, "cannot make '%s' in the container", parent);
        }
        made = nvb_create_in_root(root_fd, path, O_WRONLY | O_CLOEXEC, 0644);
        if (made >= 0)
            (void)close(made);
    }
    *out_fd = nvb_open_in_root(root_fd, path, O_PATH | O_CLOEXEC);
    return *out_fd >= 0 ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot make '%s' in the container", path);
}

/* pivot_root() does not take a root whose parent mount is shared. */
static void make_parent_private(const char *path)
{
    nvb_autofree char *at = nvb_xstrdup(path);

    for (char *slash = NULL; mount(NULL, at, NULL, MS_PRIVATE, NULL) < 0;) {
        slash = strrchr(at, '/');
        if (!slash || at[1] == '\0')
            return;
        slash[slash == at ? 1 : 0] = '\0';
    }
}

static bool bind_root(const struct spec *spec, const char *path, int *out_fd, struct nvb_err *err)
{
    unsigned long mode = spec->root_propagation & ~(unsigned long)MS_REC;

    /* What is mounted in here shall not travel back, unless that is asked for. */
    if (mode == MS_SHARED) {
        make_parent_private("/");
        make_parent_private(path);
    } else if (mount(NULL, "/", NULL, MS_REC | (mode == MS_PRIVATE ? MS_PRIVATE : MS_SLAVE), NULL) <
               0) {
        return nvb_fail_errno(err, NVB_D_RUN, "cannot cut the mounts off from the host's");
    }
    if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot bind the root '%s'", path);
    *out_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *out_fd >= 0 || nvb_fail_errno(err, NVB_D_RUN, "cannot open the root '%s'", path);
}

bool root_build(const struct spec *spec, const char *path, int *out_fd, struct nvb_err *err)
{
    mode_t saved = umask(0);
    bool ok = bind_root(spec, path, out_fd, err);

    for (size_t i = 0; ok && i < spec->n_mounts; i++)
        ok = root_mount(spec, &spec->mounts[i], *out_fd, err);
    ok = ok && root_make_devices(spec, *out_fd, err);
    (void)umask(saved);
    return ok;
}

/* A file is covered by the empty device, a directory by an empty, read-only one. */
static bool mask(int root_fd, const char *path, struct nvb_err *err)
{
    nvb_autoclose int place = nvb_open_in_root(root_fd, path, O_PATH | O_CLOEXEC);
    nvb_autoclose int tree = -1;
    nvb_autoclose int context = -1;
    struct stat st;

    if (place < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
               nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", path);
    if (fstat(place, &st) == 0 && S_ISDIR(st.st_mode)) {
        context = nvb_fsopen("tmpfs");
        if (context >= 0 && nvb_fsconfig_str(context, "size", "0k") == 0 &&
            nvb_fsconfig_create(context) == 0)
            tree = nvb_fsmount(context, MOUNT_ATTR_RDONLY);
    } else {
        tree = nvb_open_tree(AT_FDCWD, "/dev/null", 0);
    }
    return (tree >= 0 && nvb_move_mount(tree, place) == 0) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot mask '%s'", path);
}

static bool make_readonly(int root_fd, const char *path, struct nvb_err *err)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
    nvb_autoclose int place = nvb_open_in_root(root_fd, path, O_PATH | O_CLOEXEC);
    nvb_autoclose int tree = -1;

    if (place < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
               nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", path);
    tree = nvb_open_tree(place, "", AT_RECURSIVE | AT_EMPTY_PATH);
    return (tree >= 0 && nvb_mount_setattr(tree, AT_RECURSIVE, &attr) == 0 &&
            nvb_move_mount(tree, place) == 0) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot make '%s' read-only", path);
}

static bool close_paths(const struct spec *spec, int root_fd, struct nvb_err *err)
{
    for (size_t i = 0; i < spec->readonly_paths.n; i++) {
        if (!make_readonly(root_fd, spec->readonly_paths.items[i], err))
            return false;
    }
    for (size_t i = 0; i < spec->masked_paths.n; i++) {
        if (!mask(root_fd, spec->masked_paths.items[i], err))
            return false;
    }
    return true;
}

static bool pivot(int root_fd, struct nvb_err *err)
{
    /* Both paths ".": the old root lands over the new one and is then detached. */
    if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot change the root");
    if (mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot leave the old root");
    return true;
}

/* On an initial ramdisk there is no root to be exchanged. */
static bool move_root(int root_fd, struct nvb_err *err)
{
    if (fchdir(root_fd) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
        chdir("/") < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot move the root");
    return true;
}

bool root_enter(const struct spec *spec, int root_fd, bool may_pivot, struct nvb_err *err)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

    if (!close_paths(spec, root_fd, err))
        return false;
    if (spec->root_is_ro && nvb_mount_setattr(root_fd, 0, &attr) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make the root read-only");
    if (!(may_pivot ? pivot(root_fd, err) : move_root(root_fd, err)))
        return false;
    return !spec->root_propagation || mount(NULL, "/", NULL, spec->root_propagation, NULL) == 0 ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot set 'linux.rootfsPropagation'");
}
