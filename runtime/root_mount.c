/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "root_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "group.h"
#include "root.h"
#include "run/mount_api.h"
#include "tree_copy.h"

enum {
    /* What mount_setattr() and the flags of a bind are about; the rest belongs to file systems. */
    ATTRIBUTES = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME |
                 MS_RELATIME | MS_STRICTATIME | 256 /* MS_NOSYMFOLLOW */,
};

static bool fail(const struct spec_mount *m, struct nvb_err *err)
{
    return nvb_fail_errno(err, NVB_D_RUN, "cannot mount '%s' at '%s'",
                          m->source ? m->source : m->type, m->destination);
}

static void set_times(unsigned long flags, struct mount_attr *attr)
{
    if (!(flags & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)))
        return;
    attr->attr_clr |= MOUNT_ATTR__ATIME;
    attr->attr_set |= flags & MS_NOATIME       ? MOUNT_ATTR_NOATIME
                      : flags & MS_STRICTATIME ? MOUNT_ATTR_STRICTATIME
                                               : MOUNT_ATTR_RELATIME;
}

/* What the words of the options say, on a mount that is there: by its own descriptor. */
static bool set_attributes(const struct mount_options *o, int mount_fd)
{
    struct mount_attr own = {
        .attr_set = mount_options_attributes(o->flags),
        .attr_clr = mount_options_attributes(o->cleared),
    };
    struct mount_attr below = {
        .attr_set = o->tree_set,
        .attr_clr = o->tree_cleared,
    };

    set_times(o->flags, &own);
    if ((o->tree_set | o->tree_cleared) & MOUNT_ATTR__ATIME)
        below.attr_clr |= MOUNT_ATTR__ATIME;
    if ((own.attr_set || own.attr_clr) && nvb_mount_setattr(mount_fd, 0, &own) < 0)
        return false;
    return (!below.attr_set && !below.attr_clr) ||
           nvb_mount_setattr(mount_fd, AT_RECURSIVE, &below) == 0;
}

static bool propagate(const struct mount_options *o, int mount_fd)
{
    struct mount_attr attr = { .propagation = o->propagation & ~(unsigned long)MS_REC };

    return !o->propagation ||
           nvb_mount_setattr(mount_fd, o->propagation & MS_REC ? AT_RECURSIVE : 0, &attr) == 0;
}

static bool mount_bind(const struct spec_mount *m, int root_fd, struct nvb_err *err)
{
    bool is_tree = m->options.flags & MS_REC;
    nvb_autoclose int tree = -1;
    nvb_autoclose int place = -1;
    struct stat st;

    if (!m->source)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "the mount at '%s' has no source",
                        m->destination);
    tree = nvb_open_tree(AT_FDCWD, m->source, is_tree ? AT_RECURSIVE : 0);
    if (tree < 0 || fstat(tree, &st) < 0)
        return fail(m, err);
    if (!root_open_place(root_fd, m->destination, S_ISDIR(st.st_mode), &place, err))
        return false;
    if (!set_attributes(&m->options, tree) || nvb_move_mount(tree, place) < 0 ||
        !propagate(&m->options, tree))
        return fail(m, err);
    return true;
}

/* With the label of the security module, which only file systems of our own take. */
static char *dup_data(const struct spec *spec, const struct spec_mount *m)
{
    const char *data = m->options.data ? m->options.data : "";
    const char *label = spec->mount_label;

    if (!label || strcmp(m->type, "proc") == 0 || strcmp(m->type, "sysfs") == 0 ||
        access("/sys/fs/selinux/enforce", F_OK) < 0)
        return nvb_xstrdup(data);
    return nvb_xasprintf("%s%scontext=\"%s\"", data, *data ? "," : "", label);
}

/* By a descriptor's name, since mount(2) has no other way to take one. */
static bool
mount_at(const char *source, int place, const char *type, unsigned long flags, const char *data)
{
    char path[40];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
    return mount(source, path, type, flags, data && *data ? data : NULL) == 0;
}

static bool finish(const struct spec_mount *m, int root_fd, int below, struct nvb_err *err)
{
    struct mount_options tree_only = m->options;
    nvb_autoclose int mounted =
        nvb_open_in_root(root_fd, m->destination, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (mounted < 0)
        return fail(m, err);
    if (m->options.copies_up && !tree_copy(below, mounted, err))
        return nvb_while(err, "cannot fill '%s'", m->destination);
    tree_only.cleared = 0;
    if (!m->options.copies_up)
        tree_only.flags = 0; /* mount(2) has set them */
    if (!set_attributes(&tree_only, mounted) || !propagate(&m->options, mounted))
        return fail(m, err);
    return true;
}

static bool
mount_new(const struct spec *spec, const struct spec_mount *m, int root_fd, struct nvb_err *err)
{
    nvb_autofree char *data = dup_data(spec, m);
    const char *source = m->source ? m->source : m->type;
    unsigned long flags = m->options.flags & ~(unsigned long)(MS_BIND | MS_REC);
    nvb_autoclose int below = -1;
    nvb_autoclose int place = -1;

    if (!root_open_place(root_fd, m->destination, true, &place, err))
        return false;
    if (m->options.copies_up) {
        below = nvb_open_in_root(root_fd, m->destination, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        flags &= ~(unsigned long)MS_RDONLY;
    }
    if (!mount_at(source, place, m->type, flags, data)) {
        /* The network is not the container's own, so neither can its sysfs be. */
        if (errno == EPERM && strcmp(m->type, "sysfs") == 0) {
            struct spec_mount bound = *m;

            bound.source = "/sys";
            bound.options.flags |= MS_BIND | MS_REC;
            return mount_bind(&bound, root_fd, err);
        }
        return fail(m, err);
    }
    return finish(m, root_fd, below, err);
}

static bool remount(const struct spec_mount *m, int root_fd, struct nvb_err *err)
{
    nvb_autoclose int place = nvb_open_in_root(root_fd, m->destination, O_PATH | O_CLOEXEC);

    if (place < 0 || !mount_at(m->source, place, m->type, m->options.flags, m->options.data))
        return fail(m, err);
    return true;
}

/* One tree of version 1 at its name in the directory of all. */
static bool mount_tree_v1(const struct spec *spec,
                          const struct spec_mount *m,
                          const struct group_tree *tree,
                          int dir_fd,
                          struct nvb_err *err)
{
    const char *name = strrchr(tree->top, '/') + 1;
    bool is_named = nvb_has_prefix(tree->controllers, "name=");
    nvb_autofree char *data =
        is_named ? nvb_xasprintf("xattr,%s", tree->controllers) : nvb_xstrdup(tree->controllers);
    unsigned long flags = m->options.flags & ATTRIBUTES;
    nvb_autoclose int place = -1;
    bool ok = false;

    if (!root_open_place(dir_fd, name, true, &place, err))
        return false;
    if (spec->namespaces[SPEC_CGROUP].is_listed) {
        ok = mount_at("cgroup", place, "cgroup", flags, data) ||
             (is_named && mount_at("cgroup", place, "cgroup", flags, tree->controllers));
    } else {
        nvb_autofree char *own = nvb_xasprintf("%s%s", tree->top, tree->own);
        nvb_autoclose int bound = nvb_open_tree(AT_FDCWD, own, 0);
        struct mount_options options = { .flags = flags };

        ok = bound >= 0 && set_attributes(&options, bound) && nvb_move_mount(bound, place) == 0;
    }
    return ok || fail(m, err);
}

static bool mount_v2(const struct spec *spec,
                     const struct spec_mount *m,
                     const struct group_tree *tree,
                     int root_fd,
                     struct nvb_err *err)
{
    unsigned long flags = m->options.flags & ATTRIBUTES;
    nvb_autofree char *own = nvb_xasprintf("%s%s", tree->top, tree->own);
    struct spec_mount bound = *m;
    nvb_autoclose int place = -1;

    if (!root_open_place(root_fd, m->destination, true, &place, err))
        return false;
    if (spec->namespaces[SPEC_CGROUP].is_listed &&
        mount_at("cgroup2", place, "cgroup2", flags, NULL))
        return finish(m, root_fd, -1, err);
    bound.source = own;
    bound.options.flags |= MS_BIND | MS_REC;
    return mount_bind(&bound, root_fd, err);
}

static bool mount_all_v1(const struct spec *spec,
                         const struct spec_mount *m,
                         const struct group_trees *trees,
                         int root_fd,
                         struct nvb_err *err)
{
    struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
    nvb_autoclose int place = -1;
    nvb_autoclose int dir_fd = -1;

    if (!root_open_place(root_fd, m->destination, true, &place, err))
        return false;
    if (!mount_at("tmpfs", place, "tmpfs", m->options.flags & ATTRIBUTES & ~(unsigned)MS_RDONLY,
                  "mode=755"))
        return fail(m, err);
    dir_fd = nvb_open_in_root(root_fd, m->destination, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return fail(m, err);
    for (size_t i = 0; i < trees->n; i++) {
        struct spec_mount at = *m;

        at.destination = "unified";
        if (trees->items[i].is_v2 ? !mount_v2(spec, &at, &trees->items[i], dir_fd, err)
                                  : !mount_tree_v1(spec, m, &trees->items[i], dir_fd, err))
            return false;
    }
    if (m->options.flags & MS_RDONLY && nvb_mount_setattr(dir_fd, 0, &read_only) < 0)
        return fail(m, err);
    return true;
}

/* What "cgroup" means depends on the machine. */
static bool
mount_cgroup(const struct spec *spec, const struct spec_mount *m, int root_fd, struct nvb_err *err)
{
    struct group_trees trees = { 0 };
    bool ok = group_trees_read(&trees, err);

    if (ok && trees.has_v2_only)
        ok = mount_v2(spec, m, &trees.items[0], root_fd, err);
    else if (ok)
        ok = mount_all_v1(spec, m, &trees, root_fd, err);
    group_trees_clear(&trees);
    return ok;
}

bool root_mount(const struct spec *spec,
                const struct spec_mount *m,
                int root_fd,
                struct nvb_err *err)
{
    bool is_bind = m->options.flags & MS_BIND || !m->type || strcmp(m->type, "bind") == 0 ||
                   strcmp(m->type, "rbind") == 0;

    if (m->options.flags & MS_REMOUNT)
        return remount(m, root_fd, err);
    if (is_bind) {
        struct spec_mount bound = *m;

        if (m->type && strcmp(m->type, "rbind") == 0)
            bound.options.flags |= MS_REC;
        return mount_bind(&bound, root_fd, err);
    }
    if (strcmp(m->type, "cgroup") == 0)
        return mount_cgroup(spec, m, root_fd, err);
    return mount_new(spec, m, root_fd, err);
}
