/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "root_device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "root.h"
#include "run/mount_api.h"

static const struct spec_device usual[] = {
    {"/dev/null",     'c', 1, 3, 0666, 0, 0},
    { "/dev/zero",    'c', 1, 5, 0666, 0, 0},
    { "/dev/full",    'c', 1, 7, 0666, 0, 0},
    { "/dev/random",  'c', 1, 8, 0666, 0, 0},
    { "/dev/urandom", 'c', 1, 9, 0666, 0, 0},
    { "/dev/tty",     'c', 5, 0, 0666, 0, 0},
};

/* In a user namespace no node can be made: the host's own is shown. */
static bool bind_device(const struct spec_device *d, int root_fd, struct nvb_err *err)
{
    nvb_autoclose int tree = nvb_open_tree(AT_FDCWD, d->path, 0);
    nvb_autoclose int place = -1;

    if (tree < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open the device '%s'", d->path);
    return root_open_place(root_fd, d->path, false, &place, err) &&
           (nvb_move_mount(tree, place) == 0 ||
            nvb_fail_errno(err, NVB_D_RUN, "cannot show the device '%s'", d->path));
}

static mode_t type_bits(const struct spec_device *d)
{
    return d->type == 'b' ? S_IFBLK : d->type == 'p' ? S_IFIFO : S_IFCHR;
}

/* Is the node there as it shall be? */
static bool is_there(const struct spec_device *d, int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           (st.st_mode & S_IFMT) == type_bits(d) &&
           (d->type == 'p' || st.st_rdev == makedev(d->major, d->minor));
}

static bool
make_device(const struct spec_device *d, int root_fd, bool may_make, struct nvb_err *err)
{
    nvb_autofree char *dir = nvb_xstrdup(d->path);
    char *name = strrchr(dir, '/');
    nvb_autoclose int dir_fd = -1;

    *name++ = '\0';
    if (!root_open_place(root_fd, *dir ? dir : "/", true, &dir_fd, err))
        return false;
    if (!may_make && d->type != 'p')
        return bind_device(d, root_fd, err);
    if (mknodat(dir_fd, name, type_bits(d) | d->mode, makedev(d->major, d->minor)) < 0) {
        if (errno == EPERM || errno == EACCES)
            return bind_device(d, root_fd, err);
        if (errno != EEXIST || !is_there(d, dir_fd, name))
            return nvb_fail_errno(err, NVB_D_RUN, "cannot make the device '%s'", d->path);
    }
    if (fchmodat(dir_fd, name, d->mode & 07777, 0) < 0 ||
        fchownat(dir_fd, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot give the device '%s' away", d->path);
    return true;
}

static bool make_link(int root_fd, const char *name, const char *text)
{
    nvb_autoclose int dev = nvb_open_in_root(root_fd, "/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);

    return dev >= 0 && (symlinkat(text, dev, name) == 0 || errno == EEXIST);
}

static bool make_links(int root_fd, struct nvb_err *err)
{
    static const char *const links[][2] = {
        {"fd",      "/proc/self/fd"  },
        { "stdin",  "/proc/self/fd/0"},
        { "stdout", "/proc/self/fd/1"},
        { "stderr", "/proc/self/fd/2"},
    };
    nvb_autoclose int dev = nvb_open_in_root(root_fd, "/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (!make_link(root_fd, links[i][0], links[i][1]))
            return nvb_fail_errno(err, NVB_D_RUN, "cannot make the link '/dev/%s'", links[i][0]);
    }
    if (access("/proc/kcore", F_OK) == 0)
        (void)make_link(root_fd, "core", "/proc/kcore");
    /* The image's own would be the host's terminals. */
    if (dev >= 0 && fstatat(dev, "pts", &st, 0) == 0) {
        (void)unlinkat(dev, "ptmx", 0);
        if (!make_link(root_fd, "ptmx", "pts/ptmx"))
            return nvb_fail_errno(err, NVB_D_RUN, "cannot make the link '/dev/ptmx'");
    }
    return true;
}

/* A /dev that is the host's is left as it is. */
static bool has_host_dev(const struct spec *spec)
{
    for (size_t i = 0; i < spec->n_mounts; i++) {
        const struct spec_mount *m = &spec->mounts[i];

        if (strcmp(m->destination, "/dev") == 0 &&
            (m->options.flags & MS_BIND || (m->type && strcmp(m->type, "bind") == 0)))
            return true;
    }
    return false;
}

static bool is_own(const struct spec *spec, const char *path)
{
    for (size_t i = 0; i < spec->n_devices; i++) {
        if (strcmp(spec->devices[i].path, path) == 0)
            return true;
    }
    return false;
}

bool root_make_devices(const struct spec *spec, int root_fd, struct nvb_err *err)
{
    bool may_make = !spec->namespaces[SPEC_USER].is_listed;

    if (has_host_dev(spec))
        return true;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (!is_own(spec, usual[i].path) && !make_device(&usual[i], root_fd, may_make, err))
            return false;
    }
    for (size_t i = 0; i < spec->n_devices; i++) {
        if (!make_device(&spec->devices[i], root_fd, may_make, err))
            return false;
    }
    return make_links(root_fd, err);
}
