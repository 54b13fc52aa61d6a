/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/dirs.h"
#include "base/file.h"
#include "image/store_internal.h"

#define FORMAT_FILE "format"
#define FORMAT      "1\n"

static const char *const parts[] = { "blobs", "blobs/sha256", "layers", "making",
                                     "tmp",   "partial",      "refs",   "leases" };

int nvb_store_open_part(const struct nvb_store *store, const char *part)
{
    if (store->dir_fd < 0) {
        errno = ENOENT;
        return -1;
    }
    return nvb_open_in_root(store->dir_fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

bool nvb_store_lock(const struct nvb_store *store, int operation)
{
    int done = 0;

    if (store->lock_fd < 0)
        return true;
    do {
        done = flock(store->lock_fd, operation);
    } while (done < 0 && errno == EINTR);
    return done == 0;
}

static void read_boot_id(struct nvb_store *store)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };

    if (!nvb_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", sizeof(store->boot_id) - 1,
                       &text, NULL, &ignored))
        return;
    text[strcspn(text, "\n")] = '\0';
    memcpy(store->boot_id, text, strlen(text) + 1);
}

/* In root's store the parts belong to the ids of the images: whoever unpacks has no others. */
static bool make_part(const struct nvb_store *store, const char *part, struct nvb_err *err)
{
    if ((mkdirat(store->dir_fd, part, 0700) < 0 && errno != EEXIST) ||
        (store->ids.kind == NVB_IDS_RANGE &&
         fchownat(store->dir_fd, part, store->ids.uids[0].outside, store->ids.gids[0].outside,
                  AT_SYMLINK_NOFOLLOW) < 0))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make '%s' in the store", part);
    return true;
}

/* Nobody else looks: the lock is held exclusively. The format comes last: without it this is
 * done again. */
static bool make(struct nvb_store *store, struct nvb_err *err)
{
    if (faccessat(store->dir_fd, "ids.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!nvb_store_ids_read(store->dir_fd, &store->ids, err))
            return false;
    } else if (!nvb_store_ids_choose(&store->ids, err) ||
               !nvb_store_ids_write(store->dir_fd, &store->ids, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!make_part(store, parts[i], err))
            return false;
    }
    /* The jail passes through it with the ids of the images; what is in it is closed by itself. */
    if (store->ids.kind == NVB_IDS_RANGE && fchmodat(store->dir_fd, ".", 0711, 0) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open the store to its own ids");
    return nvb_write_file(store->dir_fd, FORMAT_FILE, FORMAT, strlen(FORMAT), 0644, err);
}

static bool has_format(const struct nvb_store *store)
{
    return faccessat(store->dir_fd, FORMAT_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool check_format(const struct nvb_store *store, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;

    if (!nvb_read_in_root(store->dir_fd, FORMAT_FILE, NVB_RECORD_MAX, &text, NULL, err))
        return false;
    if (strcmp(text, FORMAT) == 0)
        return true;
    text[strcspn(text, "\n")] = '\0';
    nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED,
             "the store is of format '%.20s'; this nvbind knows format 1", text);
    return nvb_hint(err, "use the nvbind that made it, or another store with NVBIND_STORE=DIR");
}

/* Read-only disks hold a lock, too. */
static bool open_lock(struct nvb_store *store, struct nvb_err *err)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;

    if (store->mode == NVB_STORE_WRITE)
        flags |= O_CREAT;
    store->lock_fd = openat(store->dir_fd, "lock", flags, 0644);
    if (store->lock_fd < 0 && store->mode == NVB_STORE_WRITE)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open the store's lock");
    return true;
}

static bool make_if_absent(struct nvb_store *store, struct nvb_err *err)
{
    bool ok = true;

    if (store->mode != NVB_STORE_WRITE || has_format(store))
        return true;
    if (!nvb_store_lock(store, LOCK_EX))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock the store");
    if (!has_format(store))
        ok = make(store, err);
    (void)nvb_store_lock(store, LOCK_UN);
    return ok;
}

/* A directory that is no store yet has no image. */
static void forget(struct nvb_store *store)
{
    (void)close(store->dir_fd);
    store->dir_fd = -1;
}

static bool enter(struct nvb_store *store, struct nvb_err *err)
{
    read_boot_id(store);
    if (!open_lock(store, err) || !make_if_absent(store, err))
        return false;
    if (!nvb_store_lock(store, LOCK_SH))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock the store");
    if (!has_format(store)) {
        forget(store);
        return true;
    }
    return check_format(store, err) && nvb_store_ids_read(store->dir_fd, &store->ids, err);
}

bool nvb_store_open_fd(int take_fd,
                       enum nvb_store_mode mode,
                       struct nvb_store **out,
                       struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = nvb_xcalloc(1, sizeof(*store));

    store->dir_fd = take_fd;
    store->lock_fd = -1;
    store->mode = mode;
    if (!enter(store, err))
        return false;
    *out = nvb_steal(&store);
    return true;
}

static bool open_dir(const char *dir, enum nvb_store_mode mode, int *out_fd, struct nvb_err *err)
{
    if (mode == NVB_STORE_WRITE && !nvb_mkdirs(dir, err))
        return false;
    *out_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*out_fd >= 0 || (mode == NVB_STORE_READ && errno == ENOENT))
        return true;
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open it");
}

bool nvb_store_open(const char *dir,
                    enum nvb_store_mode mode,
                    struct nvb_store **out,
                    struct nvb_err *err)
{
    nvb_autofree char *path = dir ? nvb_xstrdup(dir) : nvb_dir_dup_store();
    int fd = -1;

    if (open_dir(path, mode, &fd, err)) {
        if (fd >= 0 && nvb_store_open_fd(fd, mode, out, err))
            return true;
        if (fd < 0) {
            *out = nvb_xcalloc(1, sizeof(**out));
            (*out)->dir_fd = (*out)->lock_fd = -1;
            (*out)->mode = mode;
            return true;
        }
    }
    return nvb_while(err, "cannot use the image store '%s'", path);
}

void nvb_store_free(struct nvb_store *store)
{
    if (!store)
        return;
    if (store->lock_fd >= 0)
        (void)close(store->lock_fd);
    if (store->dir_fd >= 0)
        (void)close(store->dir_fd);
    free(store);
}

int nvb_store_fd(const struct nvb_store *store)
{
    return store->dir_fd;
}

const struct nvb_store_ids *nvb_store_get_ids(const struct nvb_store *store)
{
    return &store->ids;
}
