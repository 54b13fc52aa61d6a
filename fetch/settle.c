/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "settle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "whiteout.h"

#define LIST_FILE "implied"

enum {
    LIST_MAX = 256 << 20,
    NAMES_MAX = 64 << 10, /* of attributes; the kernel's limits */
    VALUE_MAX = 64 << 10,
};

/* The paths, each with a NUL behind it. */
bool settle_note(const struct nvb_layer_draft *draft,
                 const struct nvb_strv *implied,
                 struct nvb_err *err)
{
    nvb_autoclose int fd = -1;
    nvb_auto_buf list = { 0 };

    if (implied->n == 0)
        return true;
    for (size_t i = 0; i < implied->n; i++)
        nvb_buf_add(&list, implied->items[i], strlen(implied->items[i]) + 1);
    fd = openat(nvb_layer_draft_dir_fd(draft), LIST_FILE,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    return (fd >= 0 && nvb_write_all(fd, list.data, list.len)) ||
           nvb_fail_errno(err, NVB_D_IMAGE, "cannot note the directories of a layer");
}

static int open_directory(int dir_fd, const char *name)
{
    return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What a layer has to say about a directory of those above it. */
enum answer {
    ANSWER_NOTHING = 1, /* look further down */
    ANSWER_HIDDEN,      /* nothing below it shows */
    ANSWER_FOUND,
};

static enum answer look_step(int *dir_fd, const char *name)
{
    int fd = open_directory(*dir_fd, name);
    int failed = errno;
    bool is_opaque = opaque_is(*dir_fd);

    (void)close(*dir_fd);
    *dir_fd = fd;
    if (fd >= 0)
        return ANSWER_FOUND;
    /* A file, a link or a whiteout in its place hides what is below. */
    return failed == ENOENT && !is_opaque ? ANSWER_NOTHING : ANSWER_HIDDEN;
}

static enum answer look(int diff_fd, const char *path, int *out_fd)
{
    nvb_autoclose int fd = open_directory(diff_fd, ".");
    nvb_autofree char *copy = nvb_xstrdup(path);
    enum answer answer = fd >= 0 ? ANSWER_FOUND : ANSWER_NOTHING;
    char *rest = copy;

    for (const char *name = NULL; answer == ANSWER_FOUND && *path && (name = strsep(&rest, "/"));)
        answer = look_step(&fd, name);
    *out_fd = nvb_steal_fd(&fd);
    return answer;
}

/* Those of users but overlayfs's; a directory has no others that an archive may set. */
static void copy_xattrs(int from_fd, int to_fd)
{
    nvb_autofree char *names = nvb_xcalloc(1, NAMES_MAX + 1);
    nvb_autofree char *value = nvb_xcalloc(1, VALUE_MAX);
    ssize_t len = flistxattr(from_fd, names, NAMES_MAX);

    for (const char *name = names; len > 0 && name < names + len; name += strlen(name) + 1) {
        ssize_t n = 0;

        if (!nvb_has_prefix(name, "user.") || nvb_has_prefix(name, "user.overlay."))
            continue;
        n = fgetxattr(from_fd, name, value, VALUE_MAX);
        if (n >= 0)
            (void)fsetxattr(to_fd, name, value, (size_t)n, 0);
    }
}

static bool copy_attributes(int from_fd, int to_fd)
{
    struct stat st;

    if (fstat(from_fd, &st) < 0 || fchown(to_fd, st.st_uid, st.st_gid) < 0 ||
        fchmod(to_fd, st.st_mode & 07777) < 0)
        return false;
    copy_xattrs(from_fd, to_fd);
    return futimens(to_fd, (const struct timespec[2]){ st.st_mtim, st.st_mtim }) == 0;
}

/* One directory of a layer, like the nearest one below; diffs[0] is the lowest. */
static bool settle_one(const int *diffs, size_t n_below, const char *path, struct nvb_err *err)
{
    nvb_autoclose int to_fd =
        nvb_open_in_root(diffs[n_below], *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    enum answer answer = ANSWER_NOTHING;

    /* It was replaced later in the archive. */
    if (to_fd < 0)
        return true;
    for (size_t i = n_below; i > 0 && answer == ANSWER_NOTHING; i--) {
        nvb_autoclose int from_fd = -1;

        answer = look(diffs[i - 1], path, &from_fd);
        if (answer == ANSWER_FOUND && !copy_attributes(from_fd, to_fd))
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot give its attributes to '%s'", path);
    }
    return true;
}

static bool settle_layer(int layer_fd, const int *diffs, size_t n_below, struct nvb_err *err)
{
    nvb_autofree char *list = NULL;
    size_t len = 0;

    if (faccessat(layer_fd, LIST_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return true;
    if (!nvb_read_in_root(layer_fd, LIST_FILE, LIST_MAX, &list, &len, err))
        return false;
    for (const char *path = list; path < list + len; path += strlen(path) + 1) {
        if (!settle_one(diffs, n_below, path, err))
            return false;
    }
    return unlinkat(layer_fd, LIST_FILE, 0) == 0 || errno == ENOENT ||
           nvb_fail_errno(err, NVB_D_IMAGE, "cannot remove a list of directories");
}

static bool settle_all(const struct nvb_store *store,
                       const struct nvb_image *image,
                       int *diffs,
                       struct nvb_err *err)
{
    for (size_t i = 0; i < image->chain_ids.n; i++) {
        const char *id = image->chain_ids.items[i];
        nvb_autoclose int layer_fd = nvb_store_open_layer_dir(store, id, err);

        diffs[i] = layer_fd < 0 ? -1 : nvb_store_open_layer(store, id, err);
        if (diffs[i] < 0 || !settle_layer(layer_fd, diffs, i, err))
            return false;
    }
    return true;
}

bool settle(const struct nvb_store *store, const struct nvb_image *image, struct nvb_err *err)
{
    nvb_autofree int *diffs = nvb_xcalloc(image->chain_ids.n + 1, sizeof(*diffs));
    bool ok = false;

    for (size_t i = 0; i < image->chain_ids.n; i++)
        diffs[i] = -1;
    ok = settle_all(store, image, diffs, err);
    for (size_t i = 0; i < image->chain_ids.n; i++) {
        if (diffs[i] >= 0)
            (void)close(diffs[i]);
    }
    return ok;
}
