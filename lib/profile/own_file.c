/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"

enum {
    LOCK_TRIES = 500, /* times 20 ms: a change takes a few of these at most */
    LOCK_WAIT_NS = 20 * 1000 * 1000,
    FILE_MODE = 0644,
};

static char *dup_parent(const char *path)
{
    const char *slash = strrchr(path, '/');

    return nvb_xstrndup(path, slash > path ? (size_t)(slash - path) : 1);
}

static bool sync_dir(const char *path)
{
    nvb_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0;
}

/* A folder that was made a moment ago is lost with the power, and all that is in it, unless the one
 * above it is on the disk. */
static bool make_dir(const char *dir, struct nvb_err *err)
{
    nvb_autofree char *above = NULL;

    if (access(dir, F_OK) == 0)
        return true;
    above = dup_parent(dir);
    if (strcmp(above, dir) != 0 && !make_dir(above, err))
        return false;
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return nvb_fail_errno(err, NVB_D_PROFILE, "cannot make directory '%s'", dir);
    (void)sync_dir(above); /* not every file system can; then there is no more to do */
    return true;
}

static bool lock(struct nvb_own_file *file, struct nvb_err *err)
{
    nvb_autofree char *dir = nvb_dir_dup_config();
    nvb_autofree char *path = nvb_xasprintf("%s/.lock", dir);
    const struct timespec wait = { .tv_nsec = LOCK_WAIT_NS };

    if (!make_dir(dir, err))
        return false;
    file->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file->lock_fd < 0)
        return nvb_fail_errno(err, NVB_D_PROFILE, "cannot open '%s'", path);
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(file->lock_fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return nvb_fail_errno(err, NVB_D_PROFILE, "cannot lock '%s'", path);
        (void)nanosleep(&wait, NULL);
    }
    nvb_fail(err, NVB_D_PROFILE, NVB_E_CONFLICT, "another program holds '%s'", path);
    return nvb_hint(err, "fuser %s tells which; end it, or try again", path);
}

/* A link of the user's (to a repository of settings, perhaps) stays one. */
static bool resolve_path(const char *path, char **out, struct nvb_err *err)
{
    char real[PATH_MAX];
    struct stat st;

    if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode)) {
        *out = nvb_xstrdup(path);
        return true;
    }
    if (!realpath(path, real))
        return nvb_fail_errno(err, NVB_D_PROFILE, "cannot follow the link '%s'", path);
    *out = nvb_xstrdup(real);
    return true;
}

bool nvb_own_file_open(const char *path, struct nvb_own_file *out, struct nvb_err *err)
{
    nvb_autofree char *dir = dup_parent(path);
    nvb_auto_own_file file = NVB_OWN_FILE_INIT;

    if (!lock(&file, err) || !make_dir(dir, err) || !resolve_path(path, &file.path, err))
        return false;
    nvb_sweep_writes(AT_FDCWD, file.path, 0); /* of writers that were killed: we have the lock */
    if (stat(file.path, &file.seen) == 0) {
        if (!nvb_toml_read_file(file.path, &file.doc, err))
            return false;
    } else if (errno != ENOENT) {
        return nvb_fail_errno(err, NVB_D_PROFILE, "cannot look at '%s'", path);
    } else {
        file.seen = (struct stat){ 0 };
        if (!nvb_toml_parse("", 0, path, &file.doc, err))
            return false;
    }
    *out = file;
    file = (struct nvb_own_file)NVB_OWN_FILE_INIT;
    return true;
}

bool nvb_own_file_take(struct nvb_own_file *file, const char *text, size_t len, struct nvb_err *err)
{
    struct nvb_toml *doc = NULL;

    if (!nvb_toml_parse(text, len, file->path, &doc, err))
        return false;
    nvb_toml_free(file->doc);
    file->doc = doc;
    return true;
}

static bool is_unchanged(const struct nvb_own_file *file)
{
    struct stat now = { 0 };

    if (stat(file->path, &now) < 0)
        return errno == ENOENT && file->seen.st_nlink == 0;
    return now.st_ino == file->seen.st_ino && now.st_dev == file->seen.st_dev &&
           now.st_size == file->seen.st_size && now.st_mtim.tv_sec == file->seen.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == file->seen.st_mtim.tv_nsec;
}

static bool check_unchanged(const struct nvb_own_file *file, struct nvb_err *err)
{
    if (is_unchanged(file))
        return true;
    nvb_fail(err, NVB_D_PROFILE, NVB_E_CONFLICT, "another program changed '%s' meanwhile",
             file->path);
    return nvb_hint(err, "nothing was written; try again");
}

bool nvb_own_file_write(const struct nvb_own_file *file, struct nvb_err *err)
{
    mode_t mode = file->seen.st_nlink > 0 ? file->seen.st_mode & 07777 : FILE_MODE;
    size_t len = 0;
    const char *text = nvb_toml_text(file->doc, &len);

    return check_unchanged(file, err) && nvb_write_file(AT_FDCWD, file->path, text, len, mode, err);
}

bool nvb_own_file_remove(const struct nvb_own_file *file, struct nvb_err *err)
{
    nvb_autofree char *dir = dup_parent(file->path);

    if (!check_unchanged(file, err))
        return false;
    if (unlink(file->path) < 0)
        return nvb_fail_errno(err, NVB_D_PROFILE, "cannot remove '%s'", file->path);
    (void)sync_dir(dir);
    return true;
}

void nvb_own_file_clear(struct nvb_own_file *file)
{
    nvb_toml_free(file->doc);
    free(file->path);
    if (file->lock_fd >= 0)
        (void)close(file->lock_fd);
    *file = (struct nvb_own_file)NVB_OWN_FILE_INIT;
}
