/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store_internal.h"
#include "tree_parent.h"
#include "whiteout.h"

enum {
    NOBODY = 65534,
    REPLACED_MODE = 0755,
};

struct directory {
    char *path; /* owned */
    struct timespec mtime;
};

struct tree_writer {
    int root_fd;                     /* borrowed */
    const struct nvb_store_ids *ids; /* borrowed */
    bool is_flat;
    bool is_careful;
    struct tree_parent parent;
    struct directory *directories; /* owned; described ones, in order */
    size_t n_directories;
    size_t n_allocated;
    struct tree_losses losses;
    struct tree_sums sums;
};

struct tree_writer *tree_writer_new(int root_fd, const struct nvb_store_ids *ids)
{
    struct tree_writer *w = nvb_xcalloc(1, sizeof(*w));

    w->root_fd = root_fd;
    w->ids = ids;
    w->is_flat = ids->kind == NVB_IDS_SINGLE;
    tree_parent_init(&w->parent, root_fd);
    return w;
}

void tree_writer_set_careful(struct tree_writer *writer)
{
    writer->is_careful = true;
}

void tree_writer_free(struct tree_writer *writer)
{
    if (!writer)
        return;
    tree_parent_clear(&writer->parent);
    for (size_t i = 0; i < writer->n_directories; i++)
        free(writer->directories[i].path);
    free(writer->directories);
    tree_sums_clear(&writer->sums);
    free(writer);
}

const struct tree_losses *tree_writer_get_losses(const struct tree_writer *writer)
{
    return &writer->losses;
}

void tree_writer_list_implied(const struct tree_writer *writer, struct nvb_strv *out)
{
    path_set_list(&writer->parent.implied, out);
}

struct tree_sums tree_writer_steal_sums(struct tree_writer *writer)
{
    struct tree_sums sums = writer->sums;

    writer->sums = (struct tree_sums){ 0 };
    return sums;
}

void tree_note_device(struct tree_writer *writer)
{
    writer->losses.n_devices++;
}

static bool fail(const char *path, const char *what, struct nvb_err *err)
{
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot %s '%s'", what, path);
}

static bool fail_kind(const char *path, const char *what, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "'%s' %s", path, what);
    return nvb_hint(err, "move it away first, or copy to another place");
}

/* Somebody's directory goes for nobody's file. */
static bool check_removable(int parent_fd, const char *name, const char *path, struct nvb_err *err)
{
    struct stat st;

    if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
        return true;
    return fail_kind(path, "is a directory here and none there", err);
}

/* What stands where an entry shall be. The directory of the last entry may go with it. */
static bool remove_old(struct tree_writer *w, const char *path, struct nvb_err *err)
{
    const char *name = NULL;
    int parent_fd = tree_parent_open(&w->parent, path, &name, err);

    if (parent_fd < 0 || (w->is_careful && !check_removable(parent_fd, name, path, err)))
        return false;
    if (!nvb_remove_tree(parent_fd, name))
        return fail(path, "replace", err);
    tree_parent_forget(&w->parent);
    return true;
}

static bool is_mapped(const struct nvb_id_extent *extents, size_t n, uint32_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (id >= extents[i].inside && id - extents[i].inside < extents[i].count)
            return true;
    }
    return false;
}

/* The owner that the mapping has for what the archive says. */
static void
choose_owner(struct tree_writer *w, const struct tree_attributes *a, uid_t *out_uid, gid_t *out_gid)
{
    bool has_uid = is_mapped(w->ids->uids, w->ids->n_uids, a->uid);
    bool has_gid = is_mapped(w->ids->gids, w->ids->n_gids, a->gid);
    bool has_nobody = is_mapped(w->ids->uids, w->ids->n_uids, NOBODY) &&
                      is_mapped(w->ids->gids, w->ids->n_gids, NOBODY);

    if (!has_uid || !has_gid)
        w->losses.n_unmapped++;
    *out_uid = has_uid ? a->uid : has_nobody ? NOBODY : 0;
    *out_gid = has_gid ? a->gid : has_nobody ? NOBODY : 0;
}

static bool
own(struct tree_writer *w, int parent_fd, const char *name, const struct tree_attributes *a)
{
    uid_t uid = 0;
    gid_t gid = 0;

    if (w->is_flat) {
        w->losses.n_owners += a->uid != 0 || a->gid != 0;
        return true;
    }
    choose_owner(w, a, &uid, &gid);
    return fchownat(parent_fd, name, uid, gid,
                    *name ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0;
}

/* Overlayfs's own would let an archive redirect a directory or hide a file's contents. */
static bool is_wanted(const struct tree_writer *w, const char *name)
{
    return (nvb_has_prefix(name, "user.") && !nvb_has_prefix(name, "user.overlay.")) ||
           (strcmp(name, "security.capability") == 0 && !(w->is_careful && w->is_flat));
}

static bool set_xattrs(struct tree_writer *w, int fd, const struct tree_xattrs *xattrs)
{
    for (size_t i = 0; i < xattrs->n; i++) {
        const struct tree_xattr *x = &xattrs->items[i];

        if (is_wanted(w, x->name) && fsetxattr(fd, x->name, x->value, x->len, 0) == 0)
            continue;
        if (is_wanted(w, x->name) && errno != EOPNOTSUPP && errno != EPERM && errno != EINVAL)
            return false;
        w->losses.n_xattrs++;
    }
    return true;
}

static void remember(struct tree_writer *w, const char *path, const struct timespec *mtime)
{
    if (w->n_directories == w->n_allocated) {
        w->n_allocated = w->n_allocated ? w->n_allocated * 2 : 64;
        w->directories = nvb_xrealloc(w->directories, w->n_allocated, sizeof(*w->directories));
    }
    w->directories[w->n_directories++] =
        (struct directory){ .path = nvb_xstrdup(path), .mtime = *mtime };
    path_set_remove(&w->parent.implied, path);
}

/* Mode always: the directory above may have given its own bits. */
static bool describe_directory(struct tree_writer *w,
                               int parent_fd,
                               const char *name,
                               const struct tree_attributes *a,
                               const struct tree_xattrs *xattrs)
{
    nvb_autoclose int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && own(w, fd, "", a) && fchmod(fd, a->mode) == 0 && set_xattrs(w, fd, xattrs);
}

/* True when a directory is in its place, an old one or a new one. */
static bool make_directory(struct tree_writer *w, const char *path, struct nvb_err *err)
{
    const char *name = NULL;
    int parent_fd = tree_parent_open(&w->parent, path, &name, err);
    struct stat st;

    if (parent_fd < 0)
        return false;
    if (mkdirat(parent_fd, name, 0700) == 0)
        return true;
    if (errno != EEXIST || fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(path, "make directory", err);
    if (S_ISDIR(st.st_mode))
        return true;
    if (whiteout_is(&st))
        return whiteout_replace(parent_fd, name, REPLACED_MODE) ||
               fail(path, "make directory", err);
    if (w->is_careful)
        return fail_kind(path, "is no directory here and one there", err);
    return remove_old(w, path, err) && make_directory(w, path, err);
}

bool tree_write_directory(struct tree_writer *writer,
                          const char *path,
                          const struct tree_attributes *attributes,
                          const struct tree_xattrs *xattrs,
                          struct nvb_err *err)
{
    const char *name = ".";
    int parent_fd = writer->root_fd;

    if (!*path && writer->is_careful && writer->is_flat)
        return true;
    if (*path) {
        if (!make_directory(writer, path, err))
            return false;
        parent_fd = tree_parent_open(&writer->parent, path, &name, err);
    }
    if (parent_fd < 0)
        return false;
    if (!describe_directory(writer, parent_fd, name, attributes, xattrs))
        return fail(path, "give its attributes to", err);
    remember(writer, path, &attributes->mtime);
    return true;
}

static bool set_time(int parent_fd, const char *name, const struct timespec *mtime)
{
    const struct timespec times[2] = { *mtime, *mtime };

    return utimensat(parent_fd, name, times, AT_SYMLINK_NOFOLLOW) == 0;
}

bool tree_write_link(struct tree_writer *writer,
                     const char *path,
                     const char *target,
                     const struct tree_attributes *attributes,
                     struct nvb_err *err)
{
    const char *name = NULL;
    int parent_fd = tree_parent_open(&writer->parent, path, &name, err);

    if (parent_fd < 0)
        return false;
    if (symlinkat(target, parent_fd, name) < 0) {
        if (errno != EEXIST)
            return fail(path, "make link", err);
        return remove_old(writer, path, err) &&
               tree_write_link(writer, path, target, attributes, err);
    }
    return (own(writer, parent_fd, name, attributes) &&
            set_time(parent_fd, name, &attributes->mtime)) ||
           fail(path, "give its attributes to", err);
}

bool tree_write_fifo(struct tree_writer *writer,
                     const char *path,
                     const struct tree_attributes *attributes,
                     struct nvb_err *err)
{
    const char *name = NULL;
    int parent_fd = tree_parent_open(&writer->parent, path, &name, err);

    if (parent_fd < 0)
        return false;
    if (mkfifoat(parent_fd, name, attributes->mode & 0777) < 0) {
        if (errno != EEXIST)
            return fail(path, "make fifo", err);
        return remove_old(writer, path, err) && tree_write_fifo(writer, path, attributes, err);
    }
    return (own(writer, parent_fd, name, attributes) &&
            set_time(parent_fd, name, &attributes->mtime)) ||
           fail(path, "give its attributes to", err);
}

/* What a hard link is to: a file of this layer that is no directory. */
static bool check_target(int target_fd,
                         const char *name,
                         const char *path,
                         const char *target,
                         struct stat *out,
                         struct nvb_err *err)
{
    if (target_fd < 0 || fstatat(target_fd, name, out, AT_SYMLINK_NOFOLLOW) < 0 || whiteout_is(out))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "'%s' is a hard link to '%s', which is not in this layer", path, target);
    if (S_ISDIR(out->st_mode))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is a hard link to directory '%s'",
                        path, target);
    return true;
}

bool tree_write_hardlink(struct tree_writer *writer,
                         const char *path,
                         const char *clean_target,
                         struct nvb_err *err)
{
    const char *slash = strrchr(clean_target, '/');
    const char *target_name = slash ? slash + 1 : clean_target;
    nvb_autofree char *directory =
        nvb_xstrndup(clean_target, slash ? (size_t)(slash - clean_target) : 0);
    nvb_autoclose int target_fd = tree_parent_find(&writer->parent, directory);
    const char *name = NULL;
    int parent_fd = -1;
    struct stat target;
    struct stat old;

    if (!check_target(target_fd, target_name, path, clean_target, &target, err))
        return false;
    parent_fd = tree_parent_open(&writer->parent, path, &name, err);
    if (parent_fd < 0)
        return false;
    if (linkat(target_fd, target_name, parent_fd, name, 0) == 0)
        return true;
    if (errno != EEXIST || fstatat(parent_fd, name, &old, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(path, "make hard link", err);
    if (old.st_ino == target.st_ino && old.st_dev == target.st_dev)
        return true;
    return remove_old(writer, path, err) && tree_write_hardlink(writer, path, clean_target, err);
}

/* A layer that takes something away and has it too means its own; below a directory of its own,
 * nothing of the layers under it shows. */
bool tree_write_whiteout(struct tree_writer *writer, const char *path, struct nvb_err *err)
{
    const char *name = NULL;
    int parent_fd = tree_parent_open(&writer->parent, path, &name, err);
    struct stat st;

    if (parent_fd < 0)
        return false;
    if (whiteout_make(parent_fd, name))
        return true;
    if (errno != EEXIST || fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(path, "make a whiteout of", err);
    return !S_ISDIR(st.st_mode) || opaque_set(parent_fd, name) || fail(path, "make opaque", err);
}

bool tree_write_opaque(struct tree_writer *writer, const char *directory, struct nvb_err *err)
{
    nvb_autoclose int fd = tree_parent_find(&writer->parent, directory);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        fd = tree_parent_make(&writer->parent, directory);
    if (fd >= 0 && opaque_set(fd, "."))
        return true;
    fail(directory, "make opaque", err);
    if (err->sys_errno == EOPNOTSUPP)
        return nvb_hint(err, "put the store on a file system with extended attributes (a tmpfs has "
                             "them since Linux 6.6): NVBIND_STORE=DIR");
    return false;
}

bool tree_begin_file(struct tree_writer *writer,
                     const char *path,
                     const struct tree_attributes *attributes,
                     int *out_fd,
                     struct nvb_err *err)
{
    const char *name = NULL;
    int parent_fd = tree_parent_open(&writer->parent, path, &name, err);

    if (parent_fd < 0)
        return false;
    *out_fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     attributes->mode & 0777);
    if (*out_fd >= 0)
        return true;
    if (errno != EEXIST)
        return fail(path, "make file", err);
    return remove_old(writer, path, err) && tree_begin_file(writer, path, attributes, out_fd, err);
}

bool tree_write_piece(int fd,
                      const void *bytes,
                      size_t len,
                      int64_t at,
                      const char *path,
                      struct nvb_err *err)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t done = pwrite(fd, p, len, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail(path, "write", err);
        p += done;
        at += done;
        len -= (size_t)done;
    }
    return true;
}

bool tree_set_size(int fd, int64_t size, const char *path, struct nvb_err *err)
{
    return ftruncate(fd, size) == 0 || fail(path, "write", err);
}

static bool note_sum(struct tree_writer *w, int fd, const uint32_t *sum)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return false;
    tree_sums_add(&w->sums, st.st_ino, sum != NULL, sum ? *sum : 0);
    return true;
}

/* The owner first: a change of it takes setuid bits and capabilities away. */
bool tree_end_file(struct tree_writer *writer,
                   int take_fd,
                   const char *path,
                   const struct tree_attributes *attributes,
                   const struct tree_xattrs *xattrs,
                   const uint32_t *sum,
                   struct nvb_err *err)
{
    nvb_autoclose int fd = take_fd;
    const struct timespec times[2] = { attributes->mtime, attributes->mtime };
    mode_t mode = attributes->mode;

    if (writer->is_flat && (mode & (S_ISUID | S_ISGID))) {
        mode &= ~(mode_t)(S_ISUID | S_ISGID);
        writer->losses.n_setuid++;
    }
    return (note_sum(writer, fd, sum) && own(writer, fd, "", attributes) &&
            (!(mode & 07000) || fchmod(fd, mode) == 0) && set_xattrs(writer, fd, xattrs) &&
            futimens(fd, times) == 0) ||
           fail(path, "give its attributes to", err);
}

/* A directory may have been replaced since: then its time is nobody's. */
bool tree_writer_finish(struct tree_writer *writer, struct nvb_err *err)
{
    tree_parent_forget(&writer->parent);
    for (size_t i = 0; i < writer->n_directories; i++) {
        const struct directory *d = &writer->directories[i];
        const struct timespec times[2] = { d->mtime, d->mtime };
        nvb_autoclose int fd = nvb_open_in_root(writer->root_fd, *d->path ? d->path : ".",
                                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

        if (fd < 0 ? errno != ENOENT && errno != ENOTDIR && errno != ELOOP
                   : futimens(fd, times) < 0)
            return fail(d->path, "give its time to", err);
    }
    return true;
}
