/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_parent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "whiteout.h"

enum {
    IMPLIED_MODE = 0755,
    LINKS_MAX = 20, /* to directories that come later */
};

void tree_parent_init(struct tree_parent *parent, int root_fd)
{
    *parent = (struct tree_parent){ .root_fd = root_fd, .fd = -1 };
    path_set_add(&parent->implied, "");
}

void tree_parent_forget(struct tree_parent *parent)
{
    if (parent->fd >= 0)
        (void)close(parent->fd);
    parent->fd = -1;
    free(parent->path);
    parent->path = NULL;
}

void tree_parent_clear(struct tree_parent *parent)
{
    tree_parent_forget(parent);
    path_set_clear(&parent->implied);
}

/* Where "../x" leads from a directory, by its words alone and never above the root. What it is used
 * for stays inside in any case. */
static char *dup_resolved(const char *base, const char *target)
{
    nvb_autofree char *whole = nvb_xasprintf("%s/%s", base, target);
    nvb_auto_strv parts = { 0 };
    char *rest = whole;

    for (char *part = NULL; (part = strsep(&rest, "/"));) {
        if (strcmp(part, "..") == 0 && parts.n > 0) {
            free(parts.items[--parts.n]);
            parts.items[parts.n] = NULL;
        } else if (*part && strcmp(part, ".") != 0 && strcmp(part, "..") != 0) {
            nvb_strv_add(&parts, part);
        }
    }
    return parts.n > 0 ? nvb_strv_join(&parts, "/") : nvb_xstrdup("");
}

int tree_parent_find(const struct tree_parent *parent, const char *path)
{
    return nvb_open_in_root(parent->root_fd, *path ? path : ".", O_PATH | O_DIRECTORY);
}

static int make_implied(struct tree_parent *p, const char *path, unsigned n_links);

/* A link of the archive whose target comes later: it is made, as a directory that a path goes
 * through. */
static bool make_target(struct tree_parent *p,
                        int parent_fd,
                        const char *parent,
                        const char *name,
                        unsigned n_links)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(parent_fd, name, target, sizeof(target) - 1);
    nvb_autofree char *path = NULL;
    int fd = -1;

    if (len < 0 || n_links == LINKS_MAX) {
        errno = len < 0 ? errno : ELOOP;
        return false;
    }
    target[len] = '\0';
    path = dup_resolved(target[0] == '/' ? "" : parent, target);
    fd = make_implied(p, path, n_links + 1);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

/* One missing directory, whose parent is there. */
static bool make_implied_one(struct tree_parent *p, const char *path, unsigned n_links)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *parent = nvb_xstrndup(path, slash ? (size_t)(slash - path) : 0);
    const char *name = slash ? slash + 1 : path;
    nvb_autoclose int parent_fd = tree_parent_find(p, parent);
    struct stat st;

    if (parent_fd < 0)
        return false;
    if (mkdirat(parent_fd, name, IMPLIED_MODE) == 0 ||
        (errno == EEXIST && whiteout_replace(parent_fd, name, IMPLIED_MODE))) {
        path_set_add(&p->implied, path);
        return true;
    }
    return errno == ENOTDIR && fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(st.st_mode) && make_target(p, parent_fd, parent, name, n_links);
}

/* Every component that an archive uses without describing it. */
static int make_implied(struct tree_parent *p, const char *path, unsigned n_links)
{
    nvb_autofree char *copy = nvb_xstrdup(path);

    for (char *end = copy;; end++) {
        char c = *end;

        if (c != '/' && c != '\0')
            continue;
        *end = '\0';
        {
            nvb_autoclose int fd = tree_parent_find(p, copy);

            if (fd < 0 &&
                ((errno != ENOENT && errno != ENOTDIR) || !make_implied_one(p, copy, n_links)))
                return -1;
        }
        *end = c;
        if (c == '\0')
            return tree_parent_find(p, copy);
    }
}

int tree_parent_make(struct tree_parent *parent, const char *path)
{
    return make_implied(parent, path, 0);
}

int tree_parent_open(struct tree_parent *parent,
                     const char *path,
                     const char **out_name,
                     struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;

    *out_name = slash ? slash + 1 : path;
    if (parent->path && strlen(parent->path) == len && memcmp(parent->path, path, len) == 0)
        return parent->fd;
    tree_parent_forget(parent);
    parent->path = nvb_xstrndup(path, len);
    parent->fd = tree_parent_find(parent, parent->path);
    if (parent->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        parent->fd = make_implied(parent, parent->path, 0);
    if (parent->fd < 0) {
        nvb_fail_errno(err, NVB_D_IMAGE, "cannot make the directory of '%s'", path);
        tree_parent_forget(parent);
    }
    return parent->fd;
}
