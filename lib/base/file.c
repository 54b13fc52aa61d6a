/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/walk.h"

enum {
    TEMPORARY_MAX = 100,
};

enum {
    FIRST_READ = 2047, /* what nearly all files of /proc and /sys fit into */
    LEAST_READ = 1024,
    ENTRIES_SIZE = 8192, /* of a directory at a time */
};

static int open_in(int root_fd, const char *path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_CLOEXEC,
        .mode = mode,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    long fd = 0;

    /* EAGAIN: a rename or mount elsewhere raced with ".."; the kernel asks for another try. */
    do {
        fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    /* EPERM: what older container engines answer to a call that they do not know. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return nvb_walk_in_root(root_fd, path, flags, mode);
    return (int)fd;
}

int nvb_open_in_root(int root_fd, const char *path, int flags)
{
    return open_in(root_fd, path, flags, 0);
}

int nvb_create_in_root(int root_fd, const char *path, int flags, mode_t mode)
{
    return open_in(root_fd, path, flags | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
}

/* mkdir of the last component; its parent was resolved inside the root. */
static bool mkdir_in_root(int root_fd, const char *path, mode_t mode)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *parent = slash ? nvb_xstrndup(path, (size_t)(slash - path)) : NULL;
    const char *base = slash ? slash + 1 : path;
    nvb_autoclose int parent_fd = -1;

    parent_fd = open_in(root_fd, parent && *parent ? parent : ".", O_PATH | O_DIRECTORY, 0);
    return parent_fd >= 0 && (mkdirat(parent_fd, base, mode) == 0 || errno == EEXIST);
}

bool nvb_mkdirs_in_root(int root_fd, const char *path, mode_t mode, struct nvb_err *err)
{
    nvb_autofree char *copy = nvb_xstrdup(path + strspn(path, "/"));
    nvb_autoclose int fd = -1;

    for (char *p = copy; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (!mkdir_in_root(root_fd, copy, mode))
            return nvb_fail_errno(err, NVB_D_BASE, "cannot make directory '/%s'", copy);
        *p = '/';
        p += strspn(p, "/") - 1;
    }
    if (*copy && !nvb_has_suffix(copy, "/") && !mkdir_in_root(root_fd, copy, mode))
        return nvb_fail_errno(err, NVB_D_BASE, "cannot make directory '/%s'", copy);
    fd = open_in(root_fd, *copy ? copy : ".", O_PATH | O_DIRECTORY, 0);
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot make directory '/%s'", copy);
    return true;
}

/* `size` is 0 or a page for /proc and /sys files, so read until the end says so; a file that has
 * given all of its size has ended. */
static bool read_all(int fd,
                     const char *path,
                     size_t size,
                     size_t max,
                     struct nvb_buf *out,
                     struct nvb_err *err)
{
    ssize_t got = 0;

    nvb_buf_reserve(out, FIRST_READ);
    while ((out->len == 0 || out->len != size) &&
           (got = read(fd, out->data + out->len, out->size - out->len - 1)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nvb_fail_errno(err, NVB_D_BASE, "cannot read '%s'", path);
        if (out->len + (size_t)got > max) {
            return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "'%s' is larger than %zu bytes", path,
                            max);
        }
        out->len += (size_t)got;
        nvb_buf_reserve(out, LEAST_READ);
    }
    out->data[out->len] = '\0';
    return true;
}

bool nvb_read_to_end(int fd, const char *name, size_t max, struct nvb_buf *out, struct nvb_err *err)
{
    return read_all(fd, name, 0, max, out, err);
}

static bool check_regular(int fd, const char *path, struct stat *out_st, struct nvb_err *err)
{
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot open '%s'", path);
    if (fstat(fd, out_st) < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot look at '%s'", path);
    if (!S_ISREG(out_st->st_mode))
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "'%s' is not a regular file", path);
    return true;
}

/* `fd` is known to be regular, and `st` is its own. */
static bool read_regular(int fd,
                         const char *path,
                         size_t max,
                         const struct stat *st,
                         struct nvb_buf *out,
                         struct nvb_err *err)
{
    size_t size = st->st_size > 0 ? (size_t)st->st_size : 0;
    nvb_auto_buf b = { 0 };

    if (!read_all(fd, path, size, max, &b, err))
        return false;
    *out = b;
    b = (struct nvb_buf){ 0 };
    return true;
}

/* A foreign tree may hold a node whose opening alone acts (a watchdog starts, a tape rewinds), so
 * the type is looked at first. /proc then opens the very file that was looked at (3 us). */
static int reopen(int seen_fd)
{
    char same[32];

    (void)snprintf(same, sizeof(same), "/proc/self/fd/%d", seen_fd);
    return open(same, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int
open_regular_in_root(int root_fd, const char *path, struct stat *out_st, struct nvb_err *err)
{
    nvb_autoclose int seen_fd = open_in(root_fd, path, O_PATH, 0);
    nvb_autoclose int fd = -1;

    if (!check_regular(seen_fd, path, out_st, err))
        return -1;
    fd = reopen(seen_fd);
    if (fd < 0 && errno == ENOENT) { /* a chroot without /proc: by name once more */
        fd = open_in(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        if (!check_regular(fd, path, out_st, err))
            return -1;
    }
    if (fd < 0)
        nvb_fail_errno(err, NVB_D_BASE, "cannot open '%s'", path);
    return nvb_steal_fd(&fd);
}

bool nvb_read_in_root_with_stat(int root_fd,
                                const char *path,
                                size_t max,
                                struct nvb_read *out,
                                struct nvb_err *err)
{
    struct stat st = { 0 };
    nvb_autoclose int fd = open_regular_in_root(root_fd, path, &st, err);
    struct nvb_buf b = { 0 };

    if (fd < 0 || !read_regular(fd, path, max, &st, &b, err))
        return false;
    *out = (struct nvb_read){ .text = b.data, .len = b.len, .st = st };
    return true;
}

bool nvb_read_seen(int seen_fd,
                   const char *path,
                   size_t max,
                   char **out_text,
                   size_t *out_len,
                   struct nvb_err *err)
{
    nvb_autoclose int fd = -1;
    struct stat st = { 0 };
    nvb_auto_buf b = { 0 };

    if (!check_regular(seen_fd, path, &st, err))
        return false;
    fd = reopen(seen_fd);
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot open '%s'", path);
    if (!read_regular(fd, path, max, &st, &b, err))
        return false;
    if (out_len)
        *out_len = b.len;
    *out_text = nvb_steal(&b.data);
    return true;
}

bool nvb_read_in_root(int root_fd,
                      const char *path,
                      size_t max,
                      char **out_text,
                      size_t *out_len,
                      struct nvb_err *err)
{
    nvb_auto_read read = { 0 };

    if (!nvb_read_in_root_with_stat(root_fd, path, max, &read, err))
        return false;
    if (out_len)
        *out_len = read.len;
    *out_text = nvb_steal(&read.text);
    return true;
}

bool nvb_read_file(int dir_fd,
                   const char *path,
                   size_t max,
                   char **out_text,
                   size_t *out_len,
                   struct nvb_err *err)
{
    nvb_autoclose int fd = openat(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct nvb_buf b = { 0 };
    struct stat st = { 0 };

    if (!check_regular(fd, path, &st, err) || !read_regular(fd, path, max, &st, &b, err))
        return false;
    if (out_len)
        *out_len = b.len;
    *out_text = b.data;
    return true;
}

char *nvb_dup_own_text(const char *path, size_t max)
{
    nvb_autoclose int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    nvb_autofree char *text = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & (S_IWGRP | S_IWOTH)) || st.st_size < 0 || (size_t)st.st_size > max)
        return NULL;
    text = nvb_xcalloc((size_t)st.st_size + 1, 1);
    return read(fd, text, (size_t)st.st_size) == st.st_size ? nvb_steal(&text) : NULL;
}

bool nvb_write_all(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t done = write(fd, p, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        len -= (size_t)done;
    }
    return true;
}

/* errno stays what it was. */
static void remove_temporary(int parent_fd, const char *name)
{
    int saved = errno;

    (void)unlinkat(parent_fd, name, 0);
    errno = saved;
}

/* A name that nobody has: one left by a crash, or of a thread of our number in another namespace of
 * processes that shares the directory, stays with its owner. */
static int create_temporary(int parent_fd, const char *base, char **out_name)
{
    int fd = -1;

    for (int i = 0; i < TEMPORARY_MAX; i++) {
        free(*out_name);
        *out_name = i == 0 ? nvb_xasprintf(".%s.%d.tmp", base, (int)gettid())
                           : nvb_xasprintf(".%s.%d%03d.tmp", base, (int)gettid(), i);
        fd = openat(parent_fd, *out_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    0600);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    return fd;
}

static bool write_temporary(int parent_fd,
                            const char *base,
                            const void *data,
                            size_t len,
                            mode_t mode,
                            char **out_name)
{
    nvb_autoclose int fd = create_temporary(parent_fd, base, out_name);

    if (fd >= 0 && nvb_write_all(fd, data, len) && fchmod(fd, mode) == 0 && fsync(fd) == 0)
        return true;
    if (fd >= 0)
        remove_temporary(parent_fd, *out_name);
    return false;
}

bool nvb_write_file(int dir_fd,
                    const char *path,
                    const void *data,
                    size_t len,
                    mode_t mode,
                    struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *parent = slash ? nvb_xstrndup(path, (size_t)(slash - path) + 1) : NULL;
    const char *base = slash ? slash + 1 : path;
    nvb_autofree char *temporary = NULL;
    nvb_autoclose int parent_fd = -1;

    parent_fd = openat(dir_fd, parent ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent_fd < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot open the directory of '%s'", path);
    if (!write_temporary(parent_fd, base, data, len, mode, &temporary))
        return nvb_fail_errno(err, NVB_D_BASE, "cannot write '%s'", path);
    if (renameat(parent_fd, temporary, parent_fd, base) < 0) {
        nvb_fail_errno(err, NVB_D_BASE, "cannot write '%s'", path);
        (void)unlinkat(parent_fd, temporary, 0);
        return false;
    }
    if (fsync(parent_fd) < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot write '%s'", path);
    return true;
}

/* ".NAME.123.tmp", as nvb_write_file() calls it. */
static bool is_temporary_of(const char *name, const char *base)
{
    size_t len = strlen(base);
    const char *digits = name + len + 2;
    size_t n = 0;

    if (name[0] != '.' || strncmp(name + 1, base, len) != 0 || name[len + 1] != '.')
        return false;
    n = strspn(digits, "0123456789");
    return n > 0 && strcmp(digits + n, ".tmp") == 0;
}

void nvb_sweep_writes(int dir_fd, const char *path, time_t age_s)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *parent = slash ? nvb_xstrndup(path, (size_t)(slash - path) + 1) : NULL;
    int fd = openat(dir_fd, parent ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct stat st;

    if (!dir) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (const struct dirent *e = NULL; (e = readdir(dir));) {
        if (is_temporary_of(e->d_name, slash ? slash + 1 : path) &&
            fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            time(NULL) - st.st_mtime >= age_s)
            (void)unlinkat(fd, e->d_name, 0);
    }
    (void)closedir(dir);
}

bool nvb_mkdirs(const char *path, struct nvb_err *err)
{
    nvb_autofree char *copy = nvb_xstrdup(path);

    for (char *p = copy + 1; *copy; p++) {
        char c = *p;

        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            return nvb_fail_errno(err, NVB_D_BASE, "cannot make directory '%s'", copy);
        if (c == '\0')
            break;
        *p = c;
    }
    return true;
}

/* readdir() would look at the descriptor first, and allocate. */
bool nvb_each_name(int dir_fd, bool (*visit)(void *data, const struct dirent64 *e), void *data)
{
    _Alignas(struct dirent64) char entries[ENTRIES_SIZE];
    ssize_t got = 0;

    while ((got = getdents64(dir_fd, entries, sizeof(entries))) > 0) {
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *e = (const void *)(entries + at);

            at += e->d_reclen;
            if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && !visit(data, e))
                return true;
        }
    }
    return got == 0;
}

static bool add_name(void *data, const struct dirent64 *e)
{
    nvb_strv_add(data, e->d_name);
    return true;
}

bool nvb_list_in_root(int root_fd,
                      const char *path,
                      struct nvb_strv *out_names,
                      struct nvb_err *err)
{
    nvb_autoclose int fd = open_in(root_fd, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);

    if (fd < 0 && errno == ENOENT)
        return true;
    if (fd < 0 || !nvb_each_name(fd, add_name, out_names))
        return nvb_fail_errno(err, NVB_D_BASE, "cannot list '%s'", path);
    nvb_strv_sort(out_names);
    return true;
}
