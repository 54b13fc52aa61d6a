/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "whiteout.h"

enum {
    DEPTH_MAX = 512, /* open directories; deeper trees are none of an image */
    PIECE = 256 << 10,
    NAMES_MAX = 64 << 10, /* of attributes; the kernel's limits */
    VALUE_MAX = 64 << 10,
    XATTRS_MAX = 64,
};

/* A file with several names: the first one that was packed. */
struct seen {
    dev_t device;
    ino_t number;
    char *path; /* owned; NULL = free slot */
};

struct tree_packer {
    const struct tree_pack_options *options; /* borrowed */
    const struct tar_out *out;               /* borrowed */
    struct seen *seen;                       /* owned; a hash table, a power of two */
    size_t n_slots;
    size_t n_seen;
    char *piece; /* owned */
};

struct tree_packer *tree_packer_new(const struct tree_pack_options *options,
                                    const struct tar_out *out)
{
    struct tree_packer *p = nvb_xcalloc(1, sizeof(*p));

    p->options = options;
    p->out = out;
    p->piece = nvb_xcalloc(1, PIECE);
    return p;
}

void tree_packer_free(struct tree_packer *packer)
{
    if (!packer)
        return;
    for (size_t i = 0; i < packer->n_slots; i++)
        free(packer->seen[i].path);
    free(packer->seen);
    free(packer->piece);
    free(packer);
}

static bool fail(const struct tree_packer *p, const char *path, struct nvb_err *err)
{
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read '%s' of %s", *path ? path : "/",
                          p->options->name);
}

static struct seen *find_slot(struct seen *slots, size_t n, dev_t device, ino_t number)
{
    uint64_t h = ((uint64_t)number ^ (uint64_t)device << 32) * 0x9e3779b97f4a7c15U;

    for (uint64_t i = h >> 20;; i++) {
        struct seen *s = &slots[i & (n - 1)];

        if (!s->path || (s->device == device && s->number == number))
            return s;
    }
}

static void grow(struct tree_packer *p)
{
    size_t n = p->n_slots ? p->n_slots * 2 : 64;
    struct seen *slots = nvb_xcalloc(n, sizeof(*slots));

    for (size_t i = 0; i < p->n_slots; i++) {
        if (p->seen[i].path)
            *find_slot(slots, n, p->seen[i].device, p->seen[i].number) = p->seen[i];
    }
    free(p->seen);
    p->seen = slots;
    p->n_slots = n;
}

/* The path of the same file if it was packed; it is remembered otherwise. */
static const char *find_seen(struct tree_packer *p, const struct stat *st, const char *path)
{
    struct seen *slot = NULL;

    if (st->st_nlink < 2)
        return NULL;
    if (p->n_seen * 2 >= p->n_slots)
        grow(p);
    slot = find_slot(p->seen, p->n_slots, st->st_dev, st->st_ino);
    if (slot->path)
        return slot->path;
    *slot = (struct seen){ st->st_dev, st->st_ino, nvb_xstrdup(path) };
    p->n_seen++;
    return NULL;
}

/* Attributes on their way, with the memory that they are in. */
struct attributes {
    char *names;  /* owned */
    char *values; /* owned */
    struct tree_xattr items[XATTRS_MAX];
    size_t n;
};

static void attributes_clear(struct attributes *a)
{
    free(a->names);
    free(a->values);
}

static bool is_wanted(const char *name)
{
    return (nvb_has_prefix(name, "user.") && !nvb_has_prefix(name, "user.overlay.")) ||
           strcmp(name, "security.capability") == 0;
}

static void read_attributes(int fd, struct attributes *a)
{
    ssize_t len = 0;
    size_t used = 0;

    if (flistxattr(fd, NULL, 0) <= 0)
        return;
    a->names = nvb_xcalloc(1, NAMES_MAX + 1);
    a->values = nvb_xcalloc(1, VALUE_MAX);
    len = flistxattr(fd, a->names, NAMES_MAX);
    for (const char *name = a->names; len > 0 && name < a->names + len && a->n < XATTRS_MAX;
         name += strlen(name) + 1) {
        ssize_t n = is_wanted(name) ? fgetxattr(fd, name, a->values + used, VALUE_MAX - used) : -1;

        if (n < 0)
            continue;
        a->items[a->n++] = (struct tree_xattr){ name, a->values + used, (size_t)n };
        used += (size_t)n;
    }
}

/* A capability bound to a namespace's root (revision 3) as one of any root (revision 2): the image
 * does not know our ids. */
static void unbind_capability(struct attributes *a)
{
    enum {
        REVISION_AT = 3,
        SIZE_2 = 20,
        SIZE_3 = 24
    };

    for (size_t i = 0; i < a->n; i++) {
        struct tree_xattr *x = &a->items[i];

        if (strcmp(x->name, "security.capability") == 0 && x->len == SIZE_3) {
            a->values[(const char *)x->value - a->values + REVISION_AT] = 2;
            x->len = SIZE_2;
        }
    }
}

static void describe(const struct tree_packer *p, const struct stat *st, struct tar_header *h)
{
    h->mode = st->st_mode & 07777;
    h->mtime = st->st_mtim;
    h->uid = st->st_uid;
    h->gid = st->st_gid;
    if (p->options->own)
        p->options->own(p->options->own_data, st->st_uid, st->st_gid, &h->uid, &h->gid);
}

static bool write_header(const struct tree_packer *p,
                         struct tar_header *h,
                         struct attributes *a,
                         struct nvb_err *err)
{
    unbind_capability(a);
    h->xattrs = (struct tree_xattrs){ .items = a->items, .n = a->n };
    return tar_write_header(p->out, h, err);
}

/* As many bytes as the header says, even when the file changes meanwhile. */
static bool
write_contents(struct tree_packer *p, int fd, const char *path, uint64_t size, struct nvb_err *err)
{
    uint64_t left = size;

    while (left > 0) {
        ssize_t got = read(fd, p->piece, left < PIECE ? (size_t)left : PIECE);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(p, path, err);
        if (got == 0)
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT,
                            "'%s' became shorter while it was read", path);
        if (!p->out->write(p->out->data, p->piece, (size_t)got, err))
            return false;
        left -= (uint64_t)got;
    }
    return tar_write_padding(p->out, size, err);
}

static bool pack_file(struct tree_packer *p,
                      int parent_fd,
                      const char *name,
                      struct tar_header *h,
                      struct nvb_err *err)
{
    nvb_autoclose int fd = openat(parent_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    __attribute__((cleanup(attributes_clear))) struct attributes a = { 0 };
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return fail(p, h->name, err);
    if (!S_ISREG(st.st_mode))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "'%s' changed while it was read",
                        h->name);
    h->size_bytes = (uint64_t)st.st_size;
    read_attributes(fd, &a);
    return write_header(p, h, &a, err) && write_contents(p, fd, h->name, h->size_bytes, err);
}

static bool pack_link(struct tree_packer *p,
                      int parent_fd,
                      const char *name,
                      struct tar_header *h,
                      struct nvb_err *err)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(parent_fd, name, target, sizeof(target));

    if (len < 0 || len == sizeof(target))
        return fail(p, h->name, err);
    target[len] = '\0';
    h->link = target;
    return tar_write_header(p->out, h, err);
}

/* ".wh.NAME" for overlayfs's device 0:0. */
static bool pack_whiteout(struct tree_packer *p, const char *path, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    int len = slash ? (int)(slash - path) + 1 : 0;
    nvb_autofree char *name = nvb_xasprintf("%.*s.wh.%s", len, path, path + len);
    const struct tar_header h = { .type = '0', .name = name, .mode = 0600 };

    return tar_write_header(p->out, &h, err);
}

bool tree_pack_one(struct tree_packer *packer,
                   int parent_fd,
                   const char *name,
                   const char *path,
                   const struct stat *st,
                   struct nvb_err *err)
{
    struct tar_header h = { .name = path };
    const char *same = NULL;

    describe(packer, st, &h);
    if (whiteout_is(st) && packer->options->is_layer)
        return pack_whiteout(packer, path, err);
    if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode) && !S_ISFIFO(st->st_mode))
        return true;
    same = find_seen(packer, st, path);
    if (same) {
        h.type = '1';
        h.link = same;
        return tar_write_header(packer->out, &h, err);
    }
    h.type = S_ISREG(st->st_mode) ? '0' : S_ISLNK(st->st_mode) ? '2' : '6';
    if (h.type == '0')
        return pack_file(packer, parent_fd, name, &h, err);
    return h.type == '2' ? pack_link(packer, parent_fd, name, &h, err)
                         : tar_write_header(packer->out, &h, err);
}

bool tree_pack_directory(struct tree_packer *packer, int fd, const char *path, struct nvb_err *err)
{
    nvb_autofree char *name = nvb_xasprintf("%s/", *path ? path : ".");
    nvb_autofree char *opaque = nvb_xasprintf("%s%s.wh..wh..opq", path, *path ? "/" : "");
    __attribute__((cleanup(attributes_clear))) struct attributes a = { 0 };
    struct tar_header h = { .type = '5', .name = name };
    const struct tar_header mark = { .type = '0', .name = opaque, .mode = 0600 };
    struct stat st;

    if (fstat(fd, &st) < 0)
        return fail(packer, path, err);
    describe(packer, &st, &h);
    read_attributes(fd, &a);
    if (!write_header(packer, &h, &a, err))
        return false;
    return !packer->options->is_layer || !opaque_is(fd) ||
           tar_write_header(packer->out, &mark, err);
}

static bool
walk(struct tree_packer *p, int fd, const char *path, unsigned depth, struct nvb_err *err);

static bool walk_entry(struct tree_packer *p,
                       int parent_fd,
                       const struct stat *parent,
                       const char *name,
                       const char *path,
                       unsigned depth,
                       struct nvb_err *err)
{
    nvb_autoclose int fd = -1;
    struct stat st;

    if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT || fail(p, path, err);
    if (!S_ISDIR(st.st_mode))
        return tree_pack_one(p, parent_fd, name, path, &st, err);
    fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(p, path, err);
    if (st.st_dev != parent->st_dev)
        return tree_pack_directory(p, fd, path, err); /* a mount: its place, without it */
    return walk(p, fd, path, depth + 1, err);
}

static bool
walk(struct tree_packer *p, int fd, const char *path, unsigned depth, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    struct stat st;

    if (depth > DEPTH_MAX)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "'%s' is deeper than %d directories",
                        path, DEPTH_MAX);
    if (fstat(fd, &st) < 0 || !nvb_list_in_root(fd, ".", &names, err))
        return err->n_lines > 0 ? false : fail(p, path, err);
    if (!tree_pack_directory(p, fd, path, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *child = nvb_xasprintf("%s%s%s", path, *path ? "/" : "", names.items[i]);

        if (!walk_entry(p, fd, &st, names.items[i], child, depth, err))
            return false;
    }
    return true;
}

bool tree_pack(int dir_fd,
               const struct tree_pack_options *options,
               const struct tar_out *out,
               struct nvb_err *err)
{
    nvb_autoptr(tree_packer) packer = tree_packer_new(options, out);

    return walk(packer, dir_fd, "", 0, err) && tar_write_end(out, err);
}
