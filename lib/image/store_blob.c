/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "image/store_internal.h"

#define BLOBS "blobs/sha256"

static int open_blob(const struct nvb_store *store, const char *digest)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, BLOBS);

    return part_fd < 0 ? -1
                       : openat(part_fd, nvb_digest_hex(digest),
                                O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

bool nvb_store_has_blob(const struct nvb_store *store, const char *digest)
{
    nvb_autoclose int fd = open_blob(store, digest);

    return fd >= 0;
}

static bool fail_open(const char *digest, struct nvb_err *err)
{
    if (errno == ENOENT)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "blob '%s' is not in the store", digest);
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open blob '%s'", digest);
}

int nvb_store_open_blob(const struct nvb_store *store, const char *digest, struct nvb_err *err)
{
    int fd = open_blob(store, digest);

    if (fd < 0)
        (void)fail_open(digest, err);
    return fd;
}

bool nvb_store_read_blob(const struct nvb_store *store,
                         const char *digest,
                         char **out_text,
                         size_t *out_len,
                         struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, BLOBS);
    nvb_autofree char *text = NULL;
    char got[NVB_DIGEST_SIZE];
    size_t len = 0;

    if (part_fd < 0 || faccessat(part_fd, nvb_digest_hex(digest), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return fail_open(digest, err);
    if (!nvb_read_in_root(part_fd, nvb_digest_hex(digest), NVB_MANIFEST_MAX, &text, &len, err))
        return false;
    nvb_digest_of(text, len, got);
    if (strcmp(got, digest) != 0) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "blob '%s' is not what was stored", digest);
        return nvb_hint(err, "run: nvbind store check --repair");
    }
    if (out_len)
        *out_len = len;
    *out_text = nvb_steal(&text);
    return true;
}

/* The file is on the disk before it has the name, and the name when this returns. */
bool nvb_store_publish_blob(const struct nvb_store *store,
                            struct nvb_work *work,
                            const char *name,
                            const char *digest,
                            struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, BLOBS);
    nvb_autoclose int fd = openat(work->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (part_fd >= 0 && fd >= 0 && fsync(fd) == 0 &&
        renameat(work->dir_fd, name, part_fd, nvb_digest_hex(digest)) == 0 && fsync(part_fd) == 0)
        return true;
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot store blob '%s'", digest);
}

bool nvb_store_add_blob(const struct nvb_store *store,
                        struct nvb_work *work,
                        const void *data,
                        size_t len,
                        char out_digest[NVB_DIGEST_SIZE],
                        struct nvb_err *err)
{
    char digest[NVB_DIGEST_SIZE];
    char name[NVB_RANDOM_NAME];
    nvb_autoclose int fd = -1;

    nvb_digest_of(data, len, digest);
    if (out_digest)
        memcpy(out_digest, digest, sizeof(digest));
    if (nvb_store_has_blob(store, digest))
        return true;
    nvb_random_name("blob", name);
    fd = openat(work->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0 || !nvb_write_all(fd, data, len))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot write blob '%s'", digest);
    return nvb_store_publish_blob(store, work, name, digest, err);
}
