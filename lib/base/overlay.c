/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/file.h"

enum {
    LINKS_MAX = 40, /* as the kernel's own */
};

void nvb_overlay_add(struct nvb_overlay *overlay, int take_fd)
{
    overlay->fds = nvb_xrealloc(overlay->fds, overlay->n + 1, sizeof(*overlay->fds));
    overlay->fds[overlay->n++] = take_fd;
}

void nvb_overlay_clear(struct nvb_overlay *overlay)
{
    for (size_t i = 0; i < overlay->n; i++)
        (void)close(overlay->fds[i]);
    free(overlay->fds);
    *overlay = (struct nvb_overlay){ 0 };
}

#define auto_overlay __attribute__((cleanup(nvb_overlay_clear))) struct nvb_overlay

/* Nothing below this directory is seen; only asked where there is something below. One that cannot be
 * read cannot be asked. */
static bool is_opaque(int dir_fd)
{
    char value[2] = "";

    return fgetxattr(dir_fd, "user.overlay.opaque", value, sizeof(value)) == 1 && value[0] == 'y';
}

/* A directory is opened to be read, since only then it can be asked for attributes: nothing else
 * would be opened by that. */
static int open_part(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 || errno == ENOENT)
        return fd;
    return openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

/* What `name` is in the directory that `dirs` make together: *out_fd for anything but a directory,
 * which are gathered in `out`. False with errno. */
static bool
look_up(const struct nvb_overlay *dirs, const char *name, struct nvb_overlay *out, int *out_fd)
{
    for (size_t i = 0; i < dirs->n; i++) {
        nvb_autoclose int fd = open_part(dirs->fds[i], name);
        struct stat st;

        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0 || fstat(fd, &st) < 0)
            return false;
        if (is_whiteout(&st))
            break;
        if (!S_ISDIR(st.st_mode)) {
            if (out->n == 0)
                *out_fd = nvb_steal_fd(&fd);
            break;
        }
        nvb_overlay_add(out, nvb_steal_fd(&fd));
        if (i + 1 < dirs->n && is_opaque(out->fds[out->n - 1]))
            break;
    }
    if (out->n > 0 || *out_fd >= 0)
        return true;
    errno = ENOENT;
    return false;
}

/* A walk along a path. */
struct walk {
    const struct nvb_overlay *root;
    struct nvb_overlay here; /* the directory that was reached */
    struct nvb_buf done;     /* its path: "/usr/lib", "" for the root */
    char *rest;              /* owned; what is still to be walked */
    int fd;                  /* what was found instead of a directory, as a path; -1 */
    unsigned n_links;
};

static void walk_clear(struct walk *walk)
{
    nvb_overlay_clear(&walk->here);
    nvb_buf_clear(&walk->done);
    free(walk->rest);
    if (walk->fd >= 0)
        (void)close(walk->fd);
}

static bool go_to_root(struct walk *walk)
{
    nvb_overlay_clear(&walk->here);
    nvb_buf_clear(&walk->done);
    for (size_t i = 0; i < walk->root->n; i++) {
        int fd = fcntl(walk->root->fds[i], F_DUPFD_CLOEXEC, 3);

        if (fd < 0)
            return false;
        nvb_overlay_add(&walk->here, fd);
    }
    nvb_buf_add_str(&walk->done, "");
    return true;
}

/* ".." is the directory before: down from the root once more, since that path has no links. */
static bool go_up(struct walk *walk)
{
    nvb_autofree char *before = nvb_xstrdup(walk->done.data);
    char *slash = strrchr(before, '/');
    nvb_autofree char *rest = nvb_steal(&walk->rest);

    if (slash)
        *slash = '\0';
    walk->rest = nvb_xasprintf("%s/%s", before, rest);
    return go_to_root(walk);
}

static bool follow(struct walk *walk, const char *rest)
{
    nvb_autoclose int fd = nvb_steal_fd(&walk->fd);
    char target[PATH_MAX];
    ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);

    if (len < 0)
        return false;
    target[len] = '\0';
    if (++walk->n_links > LINKS_MAX || (size_t)len + strlen(rest) >= PATH_MAX) {
        errno = ELOOP;
        return false;
    }
    free(walk->rest);
    walk->rest = nvb_xasprintf("%s/%s", target, rest);
    return target[0] != '/' || go_to_root(walk);
}

/* One part of the path; `rest` is what is behind it. */
static bool enter(struct walk *walk, const char *name, const char *rest)
{
    auto_overlay next = { 0 };
    struct stat st;

    if (strcmp(name, ".") == 0)
        return true;
    if (!look_up(&walk->here, name, &next, &walk->fd))
        return false;
    if (walk->fd < 0) {
        nvb_overlay_clear(&walk->here);
        walk->here = next;
        next = (struct nvb_overlay){ 0 };
    } else if (fstat(walk->fd, &st) < 0) {
        return false;
    } else if (S_ISLNK(st.st_mode)) {
        return follow(walk, rest);
    } else if (*rest) {
        errno = ENOTDIR;
        return false;
    }
    nvb_buf_addf(&walk->done, "/%s", name);
    return true;
}

static bool walk_path(struct walk *walk, const char *path)
{
    if (!go_to_root(walk))
        return false;
    walk->rest = nvb_xstrdup(path);
    while (walk->rest[strspn(walk->rest, "/")]) {
        const char *begin = walk->rest + strspn(walk->rest, "/");
        size_t len = strcspn(begin, "/");
        nvb_autofree char *name = nvb_xstrndup(begin, len);
        nvb_autofree char *rest = nvb_xstrdup(begin + len + strspn(begin + len, "/"));

        free(walk->rest);
        walk->rest = nvb_xstrdup(rest);
        if (strcmp(name, "..") == 0 ? !go_up(walk) : !enter(walk, name, rest))
            return false;
    }
    return true;
}

static int open_path(const struct nvb_overlay *overlay, const char *path, char **out_real)
{
    struct walk walk = { .root = overlay, .fd = -1 };
    int fd = -1;

    if (overlay->n == 0) {
        errno = ENOENT;
    } else if (walk_path(&walk, path)) {
        fd = walk.fd >= 0 ? nvb_steal_fd(&walk.fd) : fcntl(walk.here.fds[0], F_DUPFD_CLOEXEC, 3);
        if (out_real)
            *out_real = nvb_xstrdup(walk.done.len > 0 ? walk.done.data : "/");
    }
    walk_clear(&walk);
    return fd;
}

int nvb_overlay_open(const struct nvb_overlay *overlay, const char *path)
{
    return open_path(overlay, path, NULL);
}

char *nvb_overlay_dup_real_path(const struct nvb_overlay *overlay, const char *path)
{
    char *real = NULL;
    nvb_autoclose int fd = open_path(overlay, path, &real);

    return fd < 0 ? NULL : real;
}

bool nvb_overlay_read(const struct nvb_overlay *overlay,
                      const char *path,
                      size_t max,
                      char **out_text,
                      size_t *out_len,
                      struct nvb_err *err)
{
    nvb_autoclose int fd = open_path(overlay, path, NULL);

    return nvb_read_seen(fd, path, max, out_text, out_len, err);
}
