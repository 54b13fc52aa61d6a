/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "image/digest.h"

enum {
    CHUNK = 256 << 10,
};

struct part {
    struct blob *blob; /* borrowed */
    int dir_fd;        /* owned; DIR/parts */
    int fd;            /* owned; -1 once the disk did not take more */
    uint64_t resumed;  /* how much was there */
    uint64_t replayed;
    char *chunk; /* owned; CHUNK bytes */
};

/* The file under its name, locked. Between open and lock its owner may have removed it. */
static int open_locked(int dir_fd, const char *name)
{
    nvb_autoclose int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat mine;
    struct stat named;

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &mine) < 0 ||
        fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0 || mine.st_ino != named.st_ino ||
        !S_ISREG(mine.st_mode))
        return -1;
    return nvb_steal_fd(&fd);
}

static uint64_t size_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

struct part *part_open(int store_fd, struct blob *blob, uint64_t min_bytes)
{
    nvb_autoclose int dir_fd = -1;
    nvb_autoclose int fd = -1;
    struct part *part = NULL;

    if (blob->size_bytes < min_bytes)
        return NULL;
    (void)mkdirat(store_fd, "partial", 0700);
    dir_fd = openat(store_fd, "partial", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir_fd < 0)
        return NULL;
    fd = open_locked(dir_fd, nvb_digest_hex(blob->digest));
    if (fd < 0)
        return NULL;
    part = nvb_xcalloc(1, sizeof(*part));
    part->blob = blob;
    part->resumed = size_of(fd);
    if (part->resumed > blob->size_bytes && ftruncate(fd, 0) == 0)
        part->resumed = 0;
    part->chunk = nvb_xcalloc(1, CHUNK);
    blob->at = blob->at_progress = part->resumed;
    part->dir_fd = nvb_steal_fd(&dir_fd);
    part->fd = nvb_steal_fd(&fd);
    (void)lseek(part->fd, (off_t)part->resumed, SEEK_SET); /* pread() leaves it there */
    return part;
}

static bool replay(struct part *part, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    uint64_t left = part->resumed - part->replayed;
    ssize_t got =
        pread(part->fd, part->chunk, left < CHUNK ? (size_t)left : CHUNK, (off_t)part->replayed);

    if (got <= 0) {
        if (got == 0)
            errno = EIO; /* it became shorter */
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read what is there of %s",
                              part->blob->what);
    }
    part->replayed += (uint64_t)got;
    *out_bytes = part->chunk;
    *out_len = (size_t)got;
    return true;
}

/* A full disk only ends the keeping; the layer itself may still fit when this is gone. */
static void keep(struct part *part, const void *bytes, size_t len)
{
    if (part->fd < 0 || nvb_write_all(part->fd, bytes, len))
        return;
    (void)unlinkat(part->dir_fd, nvb_digest_hex(part->blob->digest), 0);
    (void)close(nvb_steal_fd(&part->fd));
}

bool part_next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct part *part = data;

    if (part->replayed < part->resumed)
        return replay(part, out_bytes, out_len, err);
    if (!blob_next(part->blob, out_bytes, out_len, err))
        return false;
    keep(part, *out_bytes, *out_len);
    return true;
}

bool part_is_resumed(const struct part *part)
{
    return part && part->resumed > 0;
}

void part_close(struct part *part, bool is_kept)
{
    if (!part)
        return;
    if (part->fd >= 0 && !is_kept)
        (void)unlinkat(part->dir_fd, nvb_digest_hex(part->blob->digest), 0);
    if (part->fd >= 0)
        (void)close(part->fd);
    (void)close(part->dir_fd);
    free(part->chunk);
    free(part);
}
