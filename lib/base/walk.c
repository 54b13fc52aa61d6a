/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DEPTH_MAX = 256,
    LINKS_MAX = 40, /* as in the kernel */
};

struct walk {
    int fds[DEPTH_MAX]; /* fds[0] is the root, borrowed */
    size_t depth;       /* of the directory where we are */
    unsigned n_links;
    char rest[2 * PATH_MAX]; /* what is still to be walked */
};

static void go_back(struct walk *w, size_t depth)
{
    int saved = errno;

    for (; w->depth > depth; w->depth--)
        (void)close(w->fds[w->depth]);
    errno = saved;
}

static int fail(int e)
{
    errno = e;
    return -1;
}

/* Put `text` before what is left to walk. */
static int push_text(struct walk *w, const char *text, size_t len)
{
    size_t rest_len = strlen(w->rest);

    if (len + rest_len + 1 > sizeof(w->rest))
        return fail(ENAMETOOLONG);
    memmove(w->rest + len, w->rest, rest_len + 1);
    memcpy(w->rest, text, len);
    return 0;
}

static int follow(struct walk *w, int link_fd)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(link_fd, "", target, sizeof(target));

    if (len <= 0 || len == (ssize_t)sizeof(target))
        return fail(len < 0 ? errno : len == 0 ? ENOENT : ENAMETOOLONG);
    if (++w->n_links > LINKS_MAX)
        return fail(ELOOP);
    if (target[0] == '/')
        go_back(w, 0);
    return push_text(w, target, (size_t)len);
}

/* Take the next name off what is left; false at the end. */
static bool take_name(struct walk *w, char name[NAME_MAX + 1], bool *out_too_long)
{
    const char *start = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(start, "/");

    *out_too_long = len > NAME_MAX;
    if (len == 0 || *out_too_long)
        return false;
    memcpy(name, start, len);
    name[len] = '\0';
    memmove(w->rest, start + len, strlen(start + len) + 1);
    return true;
}

/* One step to a directory or along a link. */
static int step(struct walk *w, const char *name)
{
    struct stat st;
    int fd = openat(w->fds[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int done = 0;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
        done = follow(w, fd);
    } else if (!S_ISDIR(st.st_mode) || w->depth + 1 == DEPTH_MAX) {
        done = fail(S_ISDIR(st.st_mode) ? ENAMETOOLONG : ENOTDIR);
    } else {
        w->fds[++w->depth] = fd;
        return 0;
    }
    (void)close(fd);
    return done;
}

static bool is_link(int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

static int walk(struct walk *w, int flags, mode_t mode)
{
    char name[NAME_MAX + 1];
    bool is_too_long = false;

    while (take_name(w, name, &is_too_long)) {
        int here = w->fds[w->depth];

        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            go_back(w, w->depth > 0 ? w->depth - 1 : 0);
            continue;
        }
        /* The last one as the caller wants it; should it become a link now, that is not followed. */
        if (!w->rest[0] && ((flags & O_NOFOLLOW) || !is_link(here, name)))
            return openat(here, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
        if (step(w, name) < 0)
            return -1;
    }
    if (is_too_long)
        return fail(ENAMETOOLONG);
    return flags & O_CREAT ? fail(EISDIR) : openat(w->fds[w->depth], ".", flags | O_CLOEXEC, mode);
}

int nvb_walk_in_root(int root_fd, const char *path, int flags, mode_t mode)
{
    struct walk w = { .fds = { root_fd } };
    size_t len = strlen(path);
    int fd = -1;

    if (len == 0)
        return fail(ENOENT);
    if (len >= PATH_MAX)
        return fail(ENAMETOOLONG);
    memcpy(w.rest, path, len + 1);
    fd = walk(&w, flags, mode);
    go_back(&w, 0);
    return fd;
}
