/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool copy_file(int from_fd, int to_fd, const char *name, const struct stat *st)
{
    nvb_autoclose int from = openat(from_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    nvb_autoclose int to =
        openat(to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    ssize_t n = 0;

    if (from < 0 || to < 0)
        return false;
    do {
        n = sendfile(to, from, NULL, SSIZE_MAX & ~4095);
    } while (n > 0);
    return n == 0 && fchown(to, st->st_uid, st->st_gid) == 0 &&
           fchmod(to, st->st_mode & 07777) == 0;
}

static bool copy_link(int from_fd, int to_fd, const char *name, const struct stat *st)
{
    char text[PATH_MAX] = "";
    ssize_t n = readlinkat(from_fd, name, text, sizeof(text) - 1);

    return n > 0 && symlinkat(text, to_fd, name) == 0 &&
           fchownat(to_fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool copy_all(int from_fd, int to_fd);

static bool copy_directory(int from_fd, int to_fd, const char *name, const struct stat *st)
{
    nvb_autoclose int from = openat(from_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    nvb_autoclose int to = -1;

    if (from < 0 || mkdirat(to_fd, name, 0700) < 0)
        return false;
    to = openat(to_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return to >= 0 && copy_all(from, to) && fchown(to, st->st_uid, st->st_gid) == 0 &&
           fchmod(to, st->st_mode & 07777) == 0;
}

/* Nodes and sockets are left out: a new file system is no place for them. */
static bool copy_entry(int from_fd, int to_fd, const char *name)
{
    struct stat st;

    if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT;
    if (S_ISREG(st.st_mode))
        return copy_file(from_fd, to_fd, name, &st);
    if (S_ISLNK(st.st_mode))
        return copy_link(from_fd, to_fd, name, &st);
    return !S_ISDIR(st.st_mode) || copy_directory(from_fd, to_fd, name, &st);
}

static bool copy_all(int from_fd, int to_fd)
{
    int copy = fcntl(from_fd, F_DUPFD_CLOEXEC, 3);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    bool ok = dir != NULL;

    for (const struct dirent *e = NULL; ok && (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            ok = copy_entry(from_fd, to_fd, e->d_name);
    }
    if (dir)
        (void)closedir(dir);
    return ok;
}

bool tree_copy(int from_fd, int to_fd, struct nvb_err *err)
{
    struct stat st;

    if (copy_all(from_fd, to_fd) && fstat(from_fd, &st) == 0 &&
        fchown(to_fd, st.st_uid, st.st_gid) == 0)
        return true;
    return nvb_fail_errno(err, NVB_D_RUN, "cannot copy a directory");
}
