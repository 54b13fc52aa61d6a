/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    DEPTH_MAX = 1500, /* a path is shorter than PATH_MAX, and so many descriptors may be open */
};

struct walk {
    tree_walk_fn visit;
    void *data;
    struct nvb_buf path;
};

static bool fail(const struct walk *w, struct nvb_err *err)
{
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read '%s'", w->path.len ? w->path.data : "/");
}

static bool walk_directory(struct walk *w, int take_fd, unsigned depth, struct nvb_err *err);

static bool
walk_entry(struct walk *w, int fd, const char *name, unsigned depth, struct nvb_err *err)
{
    struct stat st;
    int child_fd = -1;

    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(w, err);
    if (!w->visit(w->data, fd, name, w->path.data, &st, err))
        return false;
    if (!S_ISDIR(st.st_mode))
        return true;
    child_fd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return child_fd >= 0 ? walk_directory(w, child_fd, depth + 1, err) : fail(w, err);
}

static bool walk_directory(struct walk *w, int take_fd, unsigned depth, struct nvb_err *err)
{
    DIR *dir = fdopendir(take_fd);
    size_t len = w->path.len;
    bool ok = dir != NULL;

    if (!dir) {
        (void)close(take_fd);
        return fail(w, err);
    }
    if (depth > DEPTH_MAX)
        ok = nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "directories are too deep");
    for (const struct dirent *e = NULL; ok && (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (len > 0)
            nvb_buf_add_str(&w->path, "/");
        nvb_buf_add_str(&w->path, e->d_name);
        ok = walk_entry(w, dirfd(dir), e->d_name, depth, err);
        w->path.len = len;
        w->path.data[len] = '\0';
    }
    (void)closedir(dir);
    return ok;
}

bool tree_walk(int dir_fd, tree_walk_fn visit, void *data, struct nvb_err *err)
{
    struct walk w = { .visit = visit, .data = data };
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    bool ok = false;

    nvb_buf_add(&w.path, "", 0);
    if (fd < 0 || fstat(fd, &st) < 0) {
        ok = fail(&w, err);
        if (fd >= 0)
            (void)close(fd);
    } else {
        ok = visit(data, fd, ".", "", &st, err);
        if (ok) {
            ok = walk_directory(&w, fd, 0, err);
        } else {
            (void)close(fd);
        }
    }
    nvb_buf_clear(&w.path);
    return ok;
}
