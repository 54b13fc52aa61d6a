/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* No recursion, so no depth is too deep: what is found in a directory of the top one and is not
 * empty moves up beside it, until the top has no directory left. */
#include "base/rm_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

struct removal {
    int top_fd;
    unsigned long n_moved;
    bool has_progress; /* in this round */
    int failure;       /* errno of the last thing that stayed */
};

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Its mode may close it to us, its owner. */
static DIR *open_directory(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    DIR *dir = NULL;

    if (fd < 0 && errno == EACCES && fchmodat(dir_fd, name, 0700, 0) == 0)
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
        (void)fchmod(fd, 0700);
    dir = fdopendir(fd);
    if (!dir)
        (void)close(fd);
    return dir;
}

static bool remove_plain(int dir_fd, const char *name)
{
    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return true;
    return (errno == EISDIR || errno == EPERM) && unlinkat(dir_fd, name, AT_REMOVEDIR) == 0;
}

/* Under a number that is free there. A directory that is closed cannot move: its ".." is in it. */
static bool move_up(struct removal *r, int dir_fd, const char *name)
{
    char aside[32];
    int failed = 0;

    do {
        (void)snprintf(aside, sizeof(aside), "~%lu", r->n_moved++);
        failed = renameat(dir_fd, name, r->top_fd, aside);
        if (failed && errno == EACCES && fchmodat(dir_fd, name, 0700, 0) == 0)
            failed = renameat(dir_fd, name, r->top_fd, aside);
    } while (failed && (errno == ENOTEMPTY || errno == ENOTDIR || errno == EEXIST));
    return !failed;
}

/* False with r->failure when something stays that is not ours to remove. */
static bool empty_out(struct removal *r, int dir_fd, const char *name)
{
    DIR *dir = open_directory(dir_fd, name);
    bool is_empty = dir || errno == ENOENT; /* another removes it, too */

    for (const struct dirent *e = NULL; dir && (e = readdir(dir));) {
        if (is_dot(e->d_name) || remove_plain(dirfd(dir), e->d_name))
            continue;
        if (move_up(r, dirfd(dir), e->d_name)) {
            r->has_progress = true;
            continue;
        }
        r->failure = errno;
        is_empty = false;
    }
    if (!dir)
        r->failure = errno;
    if (dir)
        (void)closedir(dir);
    return is_empty;
}

/* One pass over the top directory; true when it found nothing. */
static bool sweep_top(struct removal *r, DIR *top)
{
    bool is_empty = true;

    r->has_progress = false;
    rewinddir(top);
    for (const struct dirent *e = NULL; (e = readdir(top));) {
        if (is_dot(e->d_name))
            continue;
        is_empty = false;
        if (remove_plain(r->top_fd, e->d_name) ||
            (empty_out(r, r->top_fd, e->d_name) && remove_plain(r->top_fd, e->d_name)))
            r->has_progress = true;
    }
    return is_empty;
}

bool nvb_rm_tree(int dir_fd, const char *name)
{
    struct removal r = { .failure = EIO };
    DIR *top = NULL;

    if (remove_plain(dir_fd, name))
        return true;
    top = open_directory(dir_fd, name);
    if (!top)
        return false;
    r.top_fd = dirfd(top);
    while (!sweep_top(&r, top) && r.has_progress)
        continue;
    (void)closedir(top);
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return true;
    errno = r.failure;
    return false;
}
