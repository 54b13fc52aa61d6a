/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "image/store_internal.h"

enum {
    DEPTH_MAX = 32, /* open directories at a time */
    TRIES = 10,
    ROUNDS_MAX = 1000, /* for trees of that many times DEPTH_MAX levels */
    FILE_AGE_S = 3600,
};

void nvb_random_name(const char *kind, char out[NVB_RANDOM_NAME])
{
    uint64_t number = 0;

    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        abort(); /* only with a kernel that has no random numbers */
    (void)snprintf(out, NVB_RANDOM_NAME, "%.6s-%016llx", kind, (unsigned long long)number);
}

static int open_plain(int dir_fd, const char *name)
{
    return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A directory whose mode may close it to us, its owner. */
static int open_closed(int dir_fd, const char *name)
{
    int fd = open_plain(dir_fd, name);
    struct stat st;

    if (fd < 0 && errno == EACCES && fchmodat(dir_fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
        fd = open_plain(dir_fd, name);
    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700 && fchmod(fd, 0700) < 0)
        return fd; /* of somebody else: for root all the same */
    return fd;
}

/* A tree deeper than we like to have open loses its lower part to the top, where it is found
 * when the rest is gone. */
struct removal {
    int top_fd;
    bool is_whole; /* nothing stayed */
};

static void remove_one(struct removal *r, int dir_fd, const char *name, unsigned depth);

static void remove_contents(struct removal *r, int fd, unsigned depth)
{
    DIR *dir = fdopendir(fd);

    if (!dir) {
        (void)close(fd);
        r->is_whole = false;
        return;
    }
    for (const struct dirent *e = NULL; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            remove_one(r, dirfd(dir), e->d_name, depth + 1);
    }
    (void)closedir(dir);
}

static void hoist(struct removal *r, int dir_fd, const char *name)
{
    char aside[NVB_RANDOM_NAME];

    nvb_random_name("deep", aside);
    if (renameat(dir_fd, name, r->top_fd, aside) < 0)
        r->is_whole = false;
}

static void remove_one(struct removal *r, int dir_fd, const char *name, unsigned depth)
{
    int fd = -1;

    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return;
    if (errno != EISDIR && errno != EPERM) {
        r->is_whole = false;
        return;
    }
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0)
        return;
    if (depth >= DEPTH_MAX) {
        hoist(r, dir_fd, name);
        return;
    }
    fd = open_closed(dir_fd, name);
    if (fd >= 0)
        remove_contents(r, fd, depth);
    if (fd < 0 || unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
        r->is_whole = false;
}

bool nvb_remove_tree(int dir_fd, const char *name)
{
    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return true;
    /* Once more as long as only hoisted parts are left. */
    for (int i = 0; i < ROUNDS_MAX; i++) {
        nvb_autoclose int top_fd = open_closed(dir_fd, name);
        struct removal r = { .top_fd = top_fd, .is_whole = true };
        int fd = top_fd < 0 ? -1 : open_plain(top_fd, ".");

        if (fd < 0)
            return false;
        remove_contents(&r, fd, 0);
        if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0)
            return true;
        if (!r.is_whole || errno != ENOTEMPTY)
            return false;
    }
    return false;
}

/* Between mkdir and the lock a sweeper may have taken it for abandoned. */
static bool try_begin(struct nvb_work *work, int tmp_fd, bool *out_again)
{
    struct stat ours;
    struct stat named;

    nvb_random_name("work", work->name);
    if (mkdirat(tmp_fd, work->name, 0700) < 0)
        return false;
    work->dir_fd = open_plain(tmp_fd, work->name);
    *out_again = work->dir_fd < 0 && errno == ENOENT;
    if (work->dir_fd < 0)
        return false;
    *out_again = flock(work->dir_fd, LOCK_EX | LOCK_NB) < 0 || fstat(work->dir_fd, &ours) < 0 ||
                 fstatat(tmp_fd, work->name, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
                 ours.st_ino != named.st_ino;
    if (!*out_again)
        return true;
    (void)close(work->dir_fd);
    work->dir_fd = -1;
    return false;
}

bool nvb_work_begin(const struct nvb_store *store, struct nvb_work **out, struct nvb_err *err)
{
    nvb_autoptr(nvb_work) work = nvb_xcalloc(1, sizeof(*work));
    nvb_autoclose int tmp_fd = nvb_store_open_part(store, "tmp");
    bool again = true;

    work->store = store;
    work->dir_fd = -1;
    for (int i = 0; i < TRIES && again && tmp_fd >= 0; i++) {
        again = false;
        if (try_begin(work, tmp_fd, &again)) {
            *out = nvb_steal(&work);
            return true;
        }
    }
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a work area in the store");
}

int nvb_work_fd(const struct nvb_work *work)
{
    return work->dir_fd;
}

void nvb_work_free(struct nvb_work *work)
{
    nvb_autoclose int tmp_fd = -1;

    if (!work)
        return;
    if (work->dir_fd >= 0) {
        tmp_fd = nvb_store_open_part(work->store, "tmp");
        if (tmp_fd >= 0)
            (void)nvb_remove_tree(tmp_fd, work->name);
        (void)close(work->dir_fd);
    }
    free(work);
}

/* A file of tmp/ lives for the moment of a write; one that is old is of a crash. */
static bool is_old_file(int tmp_fd, const char *name)
{
    struct stat st;
    struct timespec now;

    return fstatat(tmp_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode) &&
           clock_gettime(CLOCK_REALTIME, &now) == 0 &&
           (st.st_mtime > now.tv_sec || now.tv_sec - st.st_mtime > FILE_AGE_S);
}

void nvb_work_sweep(const struct nvb_store *store)
{
    nvb_autoclose int tmp_fd = nvb_store_open_part(store, "tmp");
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (tmp_fd < 0 || !nvb_list_in_root(tmp_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autoclose int fd = open_plain(tmp_fd, names.items[i]);
        /* Its owner is gone when its lock is free; ours keeps a new owner out. */
        bool is_abandoned =
            fd >= 0 ? flock(fd, LOCK_EX | LOCK_NB) == 0 : is_old_file(tmp_fd, names.items[i]);

        if (is_abandoned)
            (void)nvb_remove_tree(tmp_fd, names.items[i]);
    }
}

static bool write_synced(int dir_fd, const char *name, const char *text)
{
    nvb_autoclose int fd =
        openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

    return fd >= 0 && nvb_write_all(fd, text, strlen(text)) && fsync(fd) == 0;
}

/* Not nvb_write_file(): its temporary name is made of a thread's number, and every jail has its own
 * thread 2. */
bool nvb_store_put(const struct nvb_store *store,
                   int part_fd,
                   const char *name,
                   const char *text,
                   struct nvb_err *err)
{
    nvb_autoclose int tmp_fd = nvb_store_open_part(store, "tmp");
    char temporary[NVB_RANDOM_NAME];

    nvb_random_name("file", temporary);
    if (tmp_fd >= 0 && write_synced(tmp_fd, temporary, text) &&
        renameat(tmp_fd, temporary, part_fd, name) == 0 && fsync(part_fd) == 0)
        return true;
    nvb_fail_errno(err, NVB_D_IMAGE, "cannot write '%s' in the store", name);
    if (tmp_fd >= 0)
        (void)unlinkat(tmp_fd, temporary, 0);
    return false;
}
