/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_build.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/json.h"

enum {
    CHUNK = 1 << 18,
    COPY_MAX = 1 << 30,
};

/* Each word of 8 bytes is folded in by a multiplication, in four lanes that do not wait for each
 * other; the rest and the length come last. */
static uint64_t fold(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static void fold_chunk(uint64_t lanes[4], const char *data, size_t len)
{
    uint64_t words[4];
    size_t at = 0;

    for (; at + sizeof(words) <= len; at += sizeof(words)) {
        memcpy(words, data + at, sizeof(words));
        for (size_t k = 0; k < 4; k++)
            lanes[k] = fold(lanes[k], words[k]);
    }
    for (; at < len; at++)
        lanes[at % 4] = fold(lanes[at % 4], (unsigned char)data[at]);
}

/* A short read in the middle of a file would shift the lanes. */
static ssize_t read_chunk(int fd, char *data, off_t at)
{
    size_t len = 0;

    while (len < CHUNK) {
        ssize_t got = pread(fd, data + len, CHUNK - len, at + (off_t)len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

bool nvb_driver_checksum(int fd, const char *path, uint64_t *out, struct nvb_err *err)
{
    uint64_t lanes[4] = { 1, 2, 3, 4 };
    nvb_autofree char *data = nvb_xcalloc(1, CHUNK);
    off_t at = 0;
    ssize_t got = 0;

    while ((got = read_chunk(fd, data, at)) > 0) {
        fold_chunk(lanes, data, (size_t)got);
        at += got;
    }
    if (got < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot read '%s'", path);
    *out = fold(fold(fold(fold((uint64_t)at, lanes[0]), lanes[1]), lanes[2]), lanes[3]);
    return true;
}

/* What cannot be done in the kernel is done by hand: EXDEV before Linux 5.3, file systems that
 * have no way (EINVAL, EOPNOTSUPP), old containers' filters (ENOSYS, EPERM). */
static bool copy_by_hand(int from, int to)
{
    nvb_autofree char *data = nvb_xcalloc(1, CHUNK);
    off_t at = 0;
    ssize_t got = 0;

    if (ftruncate(to, 0) < 0 || lseek(to, 0, SEEK_SET) < 0)
        return false;
    while ((got = read_chunk(from, data, at)) > 0) {
        if (!nvb_write_all(to, data, (size_t)got))
            return false;
        at += got;
    }
    return got == 0;
}

static bool copy_contents(int from, int to)
{
    ssize_t done = 0;

    if (ioctl(to, FICLONE, from) == 0)
        return true;
    do {
        done = copy_file_range(from, NULL, to, NULL, COPY_MAX, 0);
    } while (done > 0 || (done < 0 && errno == EINTR));
    if (done == 0)
        return true;
    return errno != ENOSPC && errno != EDQUOT && errno != EFBIG && copy_by_hand(from, to);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool copy_file(int dir_fd, const struct nvb_view_entry *entry, int from, struct nvb_err *err)
{
    nvb_autoclose int to =
        openat(dir_fd, entry->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat before;
    struct stat after;

    if (to < 0 || fstat(from, &before) < 0 || !copy_contents(from, to) ||
        fchmod(to, entry->mode) < 0 || fsync(to) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot copy '%s'", entry->host_path);
    if (fstat(from, &after) < 0 || !is_same(&before, &after) || fstat(to, &before) < 0 ||
        before.st_size != after.st_size) {
        nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "'%s' changed while it was copied",
                 entry->host_path);
        return nvb_hint(err, "wait for the driver's update to finish and try again");
    }
    return true;
}

/* linkat() with AT_EMPTY_PATH wants CAP_DAC_READ_SEARCH, the way over /proc does not. A program
 * with a set-user-ID bit must not get a second name. */
static bool
link_file(int dir_fd, const struct nvb_view_entry *entry, int from, const struct stat *st)
{
    nvb_autofree char *name = nvb_xasprintf("/proc/self/fd/%d", from);

    return geteuid() == 0 && st->st_uid == 0 &&
           !(st->st_mode & (S_ISUID | S_ISGID | S_IWGRP | S_IWOTH)) &&
           (st->st_mode & entry->mode) == entry->mode &&
           linkat(AT_FDCWD, name, dir_fd, entry->path, AT_SYMLINK_FOLLOW) == 0;
}

static bool place_file(const struct nvb_driver_build *build,
                       const struct nvb_view_entry *entry,
                       struct nvb_err *err)
{
    nvb_autoclose int from =
        nvb_open_in_root(build->host->root_fd, entry->host_path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (from < 0 || fstat(from, &st) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", entry->host_path);
    if (!S_ISREG(st.st_mode)) {
        return nvb_fail(err, NVB_D_RUN, NVB_E_INVALID, "'%s' is not a regular file",
                        entry->host_path);
    }
    return link_file(build->dir_fd, entry, from, &st) || copy_file(build->dir_fd, entry, from, err);
}

static bool write_text(int dir_fd, const char *path, const char *text, size_t len, unsigned mode)
{
    nvb_autoclose int fd =
        openat(dir_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    return fd >= 0 && nvb_write_all(fd, text, len) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

static bool
place(const struct nvb_driver_build *build, const struct nvb_view_entry *entry, struct nvb_err *err)
{
    switch (entry->kind) {
    case NVB_VIEW_FILE:
        return place_file(build, entry, err);
    case NVB_VIEW_LINK:
        if (symlinkat(entry->text, build->dir_fd, entry->path) == 0)
            return true;
        break;
    case NVB_VIEW_TEXT:
        if (write_text(build->dir_fd, entry->path, entry->text, entry->text_len, entry->mode))
            return true;
        break;
    }
    return nvb_fail_errno(err, NVB_D_RUN, "cannot make '%s'", entry->path);
}

/* The directories above `path`, each once, the outer before the inner. */
static bool make_parents(int dir_fd, const char *path, struct nvb_strv *dirs, struct nvb_err *err)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        nvb_autofree char *dir = nvb_xstrndup(path, (size_t)(slash - path));

        if (nvb_strv_has(dirs, dir))
            continue;
        if (mkdirat(dir_fd, dir, 0755) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot make '%s'", dir);
        nvb_strv_add(dirs, dir);
    }
    return true;
}

static struct nvb_json *describe_link(const struct nvb_view_entry *entry)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "path", entry->path);
    nvb_json_set_str(json, "target", entry->text);
    return json;
}

/* Size, time and checksum as they stand in the view. NULL with the error set. */
static struct nvb_json *
describe_file(int dir_fd, const struct nvb_view_entry *entry, struct nvb_err *err)
{
    nvb_autoclose int fd = openat(dir_fd, entry->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    nvb_autofree char *checksum = NULL;
    struct nvb_json *json = NULL;
    uint64_t sum = 0;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot look at '%s'", entry->path);
        return NULL;
    }
    if (!nvb_driver_checksum(fd, entry->path, &sum, err))
        return NULL;
    checksum = nvb_xasprintf("%016" PRIx64, sum);
    json = nvb_json_new_object();
    nvb_json_set_str(json, "path", entry->path);
    if (entry->host_path)
        nvb_json_set_str(json, "source", entry->host_path);
    nvb_json_set_u64(json, "size", (uint64_t)st.st_size);
    nvb_json_set_u64(json, "mtime_ns",
                     (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
    nvb_json_set_str(json, "checksum", checksum);
    return json;
}

static bool write_manifest(int dir_fd,
                           const struct nvb_view_plan *plan,
                           struct nvb_json *take_entries,
                           struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *text = NULL;

    nvb_json_set_u64(json, "format", 1);
    nvb_json_set_str(json, "name", plan->name);
    nvb_json_set_str(json, "version", plan->version);
    nvb_json_set(json, "entries", take_entries);
    text = nvb_json_dup_text(json, true);
    return write_text(dir_fd, NVB_VIEW_MANIFEST, text, strlen(text), 0444) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot write the view's manifest");
}

static bool seal_directory(int dir_fd, const char *path, unsigned mode)
{
    nvb_autoclose int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

static bool seal(int dir_fd, const struct nvb_strv *dirs, unsigned dir_mode, struct nvb_err *err)
{
    unsigned mode = dir_mode ? dir_mode : 0555;

    for (size_t i = dirs->n; i > 0; i--) {
        if (!seal_directory(dir_fd, dirs->items[i - 1], mode))
            return nvb_fail_errno(err, NVB_D_RUN, "cannot seal '%s'", dirs->items[i - 1]);
    }
    return seal_directory(dir_fd, ".", 0555) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot seal the view");
}

bool nvb_driver_build(const struct nvb_driver_build *build,
                      const struct nvb_view_plan *plan,
                      struct nvb_err *err)
{
    nvb_autoptr(nvb_json) entries = nvb_json_new_array();
    nvb_auto_strv dirs = { 0 };

    for (size_t i = 0; i < plan->n; i++) {
        const struct nvb_view_entry *entry = &plan->items[i];
        struct nvb_json *json = NULL;

        if (!make_parents(build->dir_fd, entry->path, &dirs, err) || !place(build, entry, err))
            return false;
        json = entry->kind == NVB_VIEW_LINK ? describe_link(entry)
                                            : describe_file(build->dir_fd, entry, err);
        if (!json)
            return false;
        nvb_json_append(entries, json);
        if (build->heartbeat_fd >= 0)
            (void)futimens(build->heartbeat_fd, NULL);
    }
    return write_manifest(build->dir_fd, plan, nvb_steal(&entries), err) &&
           seal(build->dir_fd, &dirs, plan->dir_mode, err);
}
