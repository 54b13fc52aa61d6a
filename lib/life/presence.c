/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum {
    FACE_MAX = 65536,
    TRIES_MAX = 100,
};

/* Of the same inode as the name: who had it before may have removed it. */
static bool is_still_there(int dir_fd, int lock_fd)
{
    struct stat ours;
    struct stat named;

    return fstat(lock_fd, &ours) == 0 && fstatat(dir_fd, NVB_LOCK_FILE, &named, 0) == 0 &&
           ours.st_ino == named.st_ino;
}

/* 0, or an errno: EAGAIN when another has it, ENOENT when it was just removed. */
static int try_lock(struct nvb_presence *p)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (mkdirat(p->run_fd, p->id, 0700) < 0 && errno != EEXIST)
        return errno;
    p->dir_fd = openat(p->run_fd, p->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (p->dir_fd < 0)
        return errno;
    p->lock_fd = openat(p->dir_fd, NVB_LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (p->lock_fd < 0 || fcntl(p->lock_fd, F_OFD_SETLK, &lock) < 0)
        return errno == EACCES ? EAGAIN : errno;
    return is_still_there(p->dir_fd, p->lock_fd) ? 0 : ENOENT;
}

bool nvb_presence_take(int run_fd, const char *id, struct nvb_presence *out, struct nvb_err *err)
{
    struct nvb_presence p = NVB_PRESENCE_INIT;
    int failure = ENOENT;

    p.run_fd = run_fd;
    (void)snprintf(p.id, sizeof(p.id), "%s", id);
    for (int tries = 0; failure == ENOENT && tries < TRIES_MAX; tries++) {
        nvb_presence_clear(&p);
        failure = try_lock(&p);
    }
    if (failure == 0) {
        *out = p;
        return true;
    }
    nvb_presence_clear(&p);
    if (failure == EAGAIN) {
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "another command is at work on '%s'", id);
    }
    errno = failure;
    return nvb_fail_errno(err, NVB_D_RUN, "cannot lock '%s'", id);
}

bool nvb_presence_inherit(int run_fd,
                          const char *id,
                          int take_lock_fd,
                          struct nvb_presence *out,
                          struct nvb_err *err)
{
    struct nvb_presence p = { .run_fd = run_fd, .dir_fd = -1, .lock_fd = take_lock_fd };

    (void)snprintf(p.id, sizeof(p.id), "%s", id);
    p.dir_fd = openat(run_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (p.dir_fd < 0 || !is_still_there(p.dir_fd, p.lock_fd) ||
        fcntl(p.lock_fd, F_SETFD, FD_CLOEXEC) < 0) {
        nvb_presence_clear(&p);
        return nvb_fail(err, NVB_D_RUN, NVB_E_INVALID, "the lock of '%s' was not handed over", id);
    }
    *out = p;
    return true;
}

/* In one write, so that who reads meanwhile sees nothing or all; a new file, since the old one may
 * be in the hands of a reader. */
bool nvb_presence_tell(const struct nvb_presence *presence,
                       const struct nvb_process *process,
                       const char *face,
                       struct nvb_err *err)
{
    char named[NVB_PROCESS_TEXT];
    nvb_autofree char *text = NULL;
    nvb_autoclose int fd = -1;

    nvb_process_print(process, named);
    text = nvb_xasprintf("%s\n%s", named, face);
    (void)unlinkat(presence->dir_fd, NVB_PROCESS_FILE, 0);
    fd = openat(presence->dir_fd, NVB_PROCESS_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || !nvb_write_all(fd, text, strlen(text)))
        return nvb_fail_errno(err, NVB_D_RUN, "cannot write down the container's process");
    return true;
}

void nvb_presence_forget(const struct nvb_presence *presence)
{
    (void)unlinkat(presence->dir_fd, NVB_ENTRY_FILE, 0);
    (void)unlinkat(presence->dir_fd, NVB_PROCESS_FILE, 0);
}

void nvb_presence_leave(struct nvb_presence *presence)
{
    if (presence->dir_fd >= 0) {
        nvb_presence_forget(presence);
        (void)unlinkat(presence->dir_fd, NVB_LOCK_FILE, 0);
        (void)unlinkat(presence->run_fd, presence->id, AT_REMOVEDIR);
    }
    nvb_presence_clear(presence);
}

void nvb_presence_clear(struct nvb_presence *presence)
{
    if (presence->lock_fd >= 0)
        (void)close(presence->lock_fd);
    if (presence->dir_fd >= 0)
        (void)close(presence->dir_fd);
    presence->lock_fd = -1;
    presence->dir_fd = -1;
}

static int open_of(int run_fd, const char *id, const char *file)
{
    char path[NVB_ID_SIZE + 8];

    (void)snprintf(path, sizeof(path), "%s/%s", id, file);
    return openat(run_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_locked(int lock_fd)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

    return fcntl(lock_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool nvb_presence_is_held(int run_fd, const char *id)
{
    nvb_autoclose int fd = open_of(run_fd, id, NVB_LOCK_FILE);

    return fd >= 0 && is_locked(fd);
}

static void read_process(int fd, struct nvb_sight *out)
{
    char small[2048];
    nvb_auto_buf large = { 0 };
    ssize_t len = read(fd, small, sizeof(small) - 1);
    char *text = small;
    char *end = NULL;

    if (len <= 0)
        return;
    if (len == (ssize_t)sizeof(small) - 1) { /* more labels than most */
        nvb_buf_reserve(&large, FACE_MAX);
        len = pread(fd, large.data, FACE_MAX - 1, 0);
        if (len <= 0)
            return;
        text = large.data;
    }
    text[len] = '\0';
    end = strchr(text, '\n');
    if (!end)
        return;
    *end = '\0';
    if (nvb_process_parse(text, &out->process))
        out->face = nvb_xstrdup(end + 1);
}

void nvb_sight_look(int run_fd, const char *id, struct nvb_sight *out)
{
    nvb_autoclose int lock_fd = -1;
    nvb_autoclose int process_fd = -1;

    *out = (struct nvb_sight){ 0 };
    if (run_fd < 0)
        return;
    lock_fd = open_of(run_fd, id, NVB_LOCK_FILE);
    process_fd = open_of(run_fd, id, NVB_PROCESS_FILE);
    out->is_there = lock_fd >= 0 || process_fd >= 0;
    out->is_locked = lock_fd >= 0 && is_locked(lock_fd);
    if (process_fd >= 0)
        read_process(process_fd, out);
}

void nvb_sight_clear(struct nvb_sight *sight)
{
    free(sight->face);
    *sight = (struct nvb_sight){ 0 };
}
