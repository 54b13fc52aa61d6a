/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "run/driver_build.h"
#include "run/driver_named.h"

enum {
    POLL_MS = 10,
    SILENCE_MS = 10000, /* a builder that finishes no file for so long is not waited for */
    TRIES = 3,
    NEW_S = 2,
};

static int open_store(const char *dir)
{
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_directory(int store_fd, const char *name)
{
    return openat(store_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int lock(int fd, int operation)
{
    int done = 0;

    do {
        done = flock(fd, operation);
    } while (done < 0 && errno == EINTR);
    return done;
}

/* Whoever removes a view renames it and takes its manifest first, under an exclusive lock: with
 * our lock and the manifest there, it stays. */
static int hold(int store_fd, const char *name)
{
    nvb_autoclose int fd = open_directory(store_fd, name);

    if (fd < 0 || lock(fd, LOCK_SH | LOCK_NB) < 0 ||
        faccessat(fd, NVB_VIEW_MANIFEST, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    return nvb_steal_fd(&fd);
}

int nvb_driver_store_hold(const char *dir, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, name);

    return hold(AT_FDCWD, path);
}

static bool remove_tree(int parent_fd, const char *name);

static bool remove_entry(int dir_fd, const struct dirent *e)
{
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
        return true;
    if (unlinkat(dir_fd, e->d_name, 0) == 0 || errno == ENOENT)
        return true;
    return errno == EISDIR && remove_tree(dir_fd, e->d_name);
}

/* A tree that we made: no deeper than a view is. */
static bool remove_tree(int parent_fd, const char *name)
{
    int fd = open_directory(parent_fd, name);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    bool ok = dir != NULL;

    if (!dir) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    (void)fchmod(fd, 0700);
    for (const struct dirent *e = NULL; (e = readdir(dir));)
        ok = remove_entry(fd, e) && ok;
    (void)closedir(dir);
    return ok && unlinkat(parent_fd, name, AT_REMOVEDIR) == 0;
}

/* Unique among the living: a number of ours would do, but a dead process may have had it. */
static char *dup_temporary_name(const char *kind, const char *name)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return nvb_xasprintf(".%s-%s-%d-%lx%08lx", kind, name, (int)getpid(), (unsigned long)t.tv_sec,
                         (unsigned long)t.tv_nsec);
}

/* A view that nobody holds. First it loses its name, so that no start finds half of it. Whether a
 * specification names it is asked under the lock: who writes one holds the view meanwhile. */
static void remove_view(int store_fd, const char *name, bool even_if_named)
{
    nvb_autoclose int fd = open_directory(store_fd, name);
    nvb_autofree char *aside = dup_temporary_name("old", name);

    if (fd < 0 || lock(fd, LOCK_EX | LOCK_NB) < 0 ||
        (!even_if_named && nvb_driver_is_named(name)) ||
        renameat(store_fd, name, store_fd, aside) < 0)
        return;
    (void)fchmod(fd, 0700);
    (void)unlinkat(fd, NVB_VIEW_MANIFEST, 0);
    (void)remove_tree(store_fd, aside);
}

/* Its builder or remover is gone when its lock is free. */
static void remove_abandoned(int store_fd, const char *name)
{
    nvb_autoclose int fd = open_directory(store_fd, name);

    if (fd >= 0 && lock(fd, LOCK_EX | LOCK_NB) == 0)
        (void)remove_tree(store_fd, name);
}

static bool is_temporary(const char *name)
{
    return nvb_has_prefix(name, ".new-") || nvb_has_prefix(name, ".old-");
}

static bool is_view_name(const char *name)
{
    return name[0] >= '0' && name[0] <= '9' && strchr(name, '-');
}

/* "550.163.01" of "550.163.01-7f-0123456789abcdef" */
static bool has_kept_version(const char *name, const struct nvb_strv *versions)
{
    nvb_autofree char *version = nvb_xstrndup(name, strcspn(name, "-"));

    return nvb_strv_has(versions, version);
}

static void sweep(int store_fd, const struct nvb_strv *keep_versions)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(store_fd, ".", &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];

        if (is_temporary(name)) {
            remove_abandoned(store_fd, name);
        } else if (keep_versions && is_view_name(name) && !has_kept_version(name, keep_versions)) {
            remove_view(store_fd, name, false);
        }
    }
}

/* Nobody builds, removes or uses it. Who has just made it may be about to lock it, and must not
 * find it locked. */
static bool is_idle(int store_fd, const char *name)
{
    nvb_autoclose int fd = open_directory(store_fd, name);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && st.st_mtim.tv_sec + NEW_S < time(NULL) &&
           lock(fd, LOCK_EX | LOCK_NB) == 0;
}

void nvb_driver_store_list(const char *dir, struct nvb_strv *out_names, struct nvb_strv *out_left)
{
    nvb_autoclose int store_fd = open_store(dir);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (store_fd < 0 || !nvb_list_in_root(store_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];
        nvb_autoclose int held = is_view_name(name) ? hold(store_fd, name) : -1;

        if (held >= 0) {
            nvb_strv_add(out_names, name);
        } else if ((is_view_name(name) || is_temporary(name)) && is_idle(store_fd, name)) {
            nvb_strv_add(out_left, name);
        }
    }
}

void nvb_driver_store_remove(const char *dir, const char *name)
{
    nvb_autoclose int store_fd = open_store(dir);

    if (store_fd >= 0)
        remove_view(store_fd, name, true);
}

void nvb_driver_store_sweep(const char *dir, const struct nvb_strv *keep_versions)
{
    nvb_autoclose int store_fd = open_store(dir);

    if (store_fd >= 0)
        sweep(store_fd, keep_versions);
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* True with the lock, or without it when its holder seems to be stuck. Ends early, with *out_fd
 * set, when the view appears meanwhile. */
static void wait_for_lock(int store_fd, int lock_fd, const char *name, int *out_fd)
{
    struct timespec last = { 0 };
    unsigned silent_ms = 0;

    while (lock(lock_fd, LOCK_EX | LOCK_NB) < 0 && silent_ms < SILENCE_MS) {
        const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
        struct stat st = { 0 };

        (void)nanosleep(&pause, NULL);
        (void)fstat(lock_fd, &st);
        silent_ms = is_same_time(&last, &st.st_mtim) ? silent_ms + POLL_MS : 0;
        last = st.st_mtim;
        *out_fd = hold(store_fd, name);
        if (*out_fd >= 0)
            return;
    }
    *out_fd = hold(store_fd, name);
}

/* A directory for the build, locked by us. */
static int make_temporary(int store_fd, const char *name, struct nvb_err *err)
{
    nvb_autoclose int fd = -1;

    if (mkdirat(store_fd, name, 0700) == 0)
        fd = open_directory(store_fd, name);
    if (fd < 0 || lock(fd, LOCK_EX | LOCK_NB) < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot make a directory for the driver's files");
        return -1;
    }
    return nvb_steal_fd(&fd);
}

/* Give the whole view its name. Another's of that name is as good, unless it has lost its manifest
 * (a power failure on a file system that keeps no order). */
static bool
publish(int store_fd, const char *temporary, const char *name, int *out_fd, struct nvb_err *err)
{
    for (int i = 0; i < TRIES; i++) {
        bool is_ours = renameat2(store_fd, temporary, store_fd, name, RENAME_NOREPLACE) == 0;

        if (!is_ours && errno != EEXIST)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot rename the finished view");
        if (is_ours && fsync(store_fd) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot bring the finished view to the disk");
        *out_fd = hold(store_fd, name);
        if (*out_fd >= 0)
            return true;
        if (!is_ours)
            remove_view(store_fd, name, true);
    }
    return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "'%s' is in the way of the driver's view",
                    name);
}

static bool build_here(int store_fd,
                       int lock_fd,
                       const struct nvb_host *host,
                       const struct nvb_view_plan *plan,
                       int *out_fd,
                       struct nvb_err *err)
{
    nvb_autofree char *temporary = dup_temporary_name("new", plan->name);
    nvb_autoclose int fd = make_temporary(store_fd, temporary, err);
    struct nvb_driver_build build = { .dir_fd = fd, .host = host, .heartbeat_fd = lock_fd };
    bool ok = false;

    if (fd < 0)
        return false;
    ok = nvb_driver_build(&build, plan, err);
    /* As a view it is locked by those who use it. */
    ok = ok && (lock(fd, LOCK_SH) == 0 || nvb_fail_errno(err, NVB_D_RUN, "cannot lock the view"));
    ok = ok && publish(store_fd, temporary, plan->name, out_fd, err);
    (void)remove_tree(store_fd, temporary);
    return ok;
}

static bool make_store(const char *dir, struct nvb_err *err)
{
    nvb_autofree char *parent = nvb_xstrndup(dir, (size_t)(strrchr(dir, '/') - dir));

    if (access(dir, F_OK) == 0)
        return true;
    if (!nvb_mkdirs(parent, err))
        return false;
    if (mkdir(dir, 0755) < 0 && errno != EEXIST)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make directory '%s'", dir);
    /* Root's views are everyone's; what else is in its cache is closed by its own mode. */
    if (geteuid() == 0)
        (void)chmod(parent, 0755);
    return true;
}

bool nvb_driver_store_build(const char *dir,
                            const struct nvb_host *host,
                            const struct nvb_view_plan *plan,
                            int *out_fd,
                            struct nvb_err *err)
{
    nvb_autoclose int store_fd = -1;
    nvb_autoclose int lock_fd = -1;
    bool ok = false;

    *out_fd = nvb_driver_store_hold(dir, plan->name);
    if (*out_fd >= 0)
        return true;
    if (make_store(dir, err)) {
        store_fd = open_store(dir);
        lock_fd = store_fd < 0
                      ? -1
                      : openat(store_fd, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (lock_fd < 0)
            nvb_fail_errno(err, NVB_D_RUN, "cannot write to '%s'", dir);
    }
    if (lock_fd >= 0) {
        wait_for_lock(store_fd, lock_fd, plan->name, out_fd);
        if (*out_fd >= 0)
            return true;
        sweep(store_fd, NULL);
        ok = build_here(store_fd, lock_fd, host, plan, out_fd, err);
    }
    if (!ok) {
        nvb_while(err, "cannot prepare the driver's files in '%s'", dir);
        nvb_hint(err, "the cache directory must be writable and have room for the driver (up to "
                      "1 GB); XDG_CACHE_HOME names another one");
    }
    return ok;
}
