/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "image/store_internal.h"

#define META_FILE "meta.json"
#define DIFF_DIR  "diff"

struct nvb_layer_draft {
    struct nvb_work *work; /* borrowed */
    char chain_id[NVB_DIGEST_SIZE];
    char name[NVB_RANDOM_NAME]; /* in the work area */
    int dir_fd;
    int diff_fd;
    int making_fd; /* the part */
    int lock_fd;   /* making/HEX */
};

char *nvb_layer_dup_path(const char *chain_id)
{
    return nvb_xasprintf("layers/%s/" DIFF_DIR, nvb_digest_hex(chain_id));
}

static int open_plain(int dir_fd, const char *name)
{
    return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The directory of a layer, or -1 with errno. */
static int open_layer(const struct nvb_store *store, const char *chain_id)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, "layers");

    return part_fd < 0 ? -1 : open_plain(part_fd, nvb_digest_hex(chain_id));
}

static char *
dup_meta(const struct nvb_store *store, const struct nvb_layer_facts *facts, bool is_synced)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();

    nvb_json_set_str(json, "chain_id", facts->chain_id);
    nvb_json_set_str(json, "diff_id", facts->diff_id);
    nvb_json_set_str(json, "parent", *facts->parent ? facts->parent : NULL);
    nvb_json_set_u64(json, "size", facts->size_bytes);
    nvb_json_set_u64(json, "entries", facts->n_entries);
    nvb_json_set_bool(json, "synced", is_synced);
    nvb_json_set_str(json, "boot_id", store->boot_id);
    return nvb_json_dup_text(json, false);
}

static bool copy_digest(const struct nvb_json *json, const char *key, char out[NVB_DIGEST_SIZE])
{
    const char *digest = nvb_json_get_str(json, key);

    if (!digest || !nvb_digest_is_valid(digest))
        return false;
    memcpy(out, digest, NVB_DIGEST_SIZE);
    return true;
}

/* *out_boot_id is yours. */
static bool
read_meta(int layer_fd, struct nvb_layer_facts *out, char **out_boot_id, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    const char *boot_id = NULL;
    size_t len = 0;

    if (!nvb_read_in_root(layer_fd, META_FILE, NVB_RECORD_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, META_FILE, &json, err))
        return false;
    *out = (struct nvb_layer_facts){ 0 };
    boot_id = nvb_json_get_str(json, "boot_id");
    if (!copy_digest(json, "chain_id", out->chain_id) ||
        !copy_digest(json, "diff_id", out->diff_id) ||
        (nvb_json_get(json, "parent") && !copy_digest(json, "parent", out->parent)) ||
        !nvb_json_read_u64(nvb_json_get(json, "size"), &out->size_bytes) ||
        !nvb_json_read_u64(nvb_json_get(json, "entries"), &out->n_entries))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'" META_FILE "' is damaged");
    out->is_synced = nvb_json_get_bool(json, "synced");
    *out_boot_id = nvb_xstrdup(boot_id ? boot_id : "");
    return true;
}

/* Whole: what is not on the disk yet was at least unpacked since the machine started. */
static bool is_whole(const struct nvb_store *store, int layer_fd, const char *chain_id)
{
    struct nvb_layer_facts facts;
    nvb_autofree char *boot_id = NULL;
    nvb_auto_err ignored = { 0 };

    return read_meta(layer_fd, &facts, &boot_id, &ignored) &&
           strcmp(facts.chain_id, chain_id) == 0 &&
           (facts.is_synced || (*store->boot_id && strcmp(boot_id, store->boot_id) == 0));
}

bool nvb_layer_read_facts(const struct nvb_store *store,
                          const char *chain_id,
                          struct nvb_layer_facts *out,
                          struct nvb_err *err)
{
    nvb_autoclose int fd = open_layer(store, chain_id);
    nvb_autofree char *boot_id = NULL;

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open layer '%s'", chain_id);
    return read_meta(fd, out, &boot_id, err) || nvb_while(err, "layer '%s' is broken", chain_id);
}

bool nvb_store_has_layer(const struct nvb_store *store, const char *chain_id)
{
    nvb_autoclose int fd = open_layer(store, chain_id);

    return fd >= 0 && is_whole(store, fd, chain_id);
}

int nvb_store_open_layer_dir(const struct nvb_store *store,
                             const char *chain_id,
                             struct nvb_err *err)
{
    nvb_autoclose int fd = open_layer(store, chain_id);

    if (fd >= 0 && is_whole(store, fd, chain_id))
        return nvb_steal_fd(&fd);
    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "layer '%s' is not in the store", chain_id);
    nvb_hint(err, "pull or import the image again");
    return -1;
}

int nvb_store_open_layer(const struct nvb_store *store, const char *chain_id, struct nvb_err *err)
{
    nvb_autoclose int fd = nvb_store_open_layer_dir(store, chain_id, err);
    int diff_fd = fd < 0 ? -1 : open_plain(fd, DIFF_DIR);

    if (fd >= 0 && diff_fd < 0)
        nvb_fail_errno(err, NVB_D_IMAGE, "cannot open layer '%s'", chain_id);
    return diff_fd;
}

int nvb_store_hold_layer(const struct nvb_store *store, const char *chain_id, struct nvb_err *err)
{
    nvb_autoclose int fd = nvb_store_open_layer(store, chain_id, err);

    if (fd >= 0 && flock(fd, LOCK_SH) < 0) {
        nvb_fail_errno(err, NVB_D_IMAGE, "cannot hold layer '%s'", chain_id);
        return -1;
    }
    return nvb_steal_fd(&fd);
}

/* The lock of a file that may have been unlinked and made anew while we opened it. */
static int lock_making(int making_fd, const char *hex)
{
    nvb_autoclose int fd = openat(making_fd, hex, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat ours;
    struct stat named;

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return -1;
    if (fstat(fd, &ours) < 0 || fstatat(making_fd, hex, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
        ours.st_ino != named.st_ino) {
        errno = EWOULDBLOCK;
        return -1;
    }
    return nvb_steal_fd(&fd);
}

static bool make_draft_dirs(struct nvb_layer_draft *draft, struct nvb_err *err)
{
    nvb_random_name("layer", draft->name);
    if (mkdirat(draft->work->dir_fd, draft->name, 0700) == 0)
        draft->dir_fd = open_plain(draft->work->dir_fd, draft->name);
    /* What an archive that does not describe its root leaves behind: as mkdir(1) makes it. */
    if (draft->dir_fd >= 0 && mkdirat(draft->dir_fd, DIFF_DIR, 0755) == 0 &&
        fchmodat(draft->dir_fd, DIFF_DIR, 0755, 0) == 0)
        draft->diff_fd = open_plain(draft->dir_fd, DIFF_DIR);
    return draft->diff_fd >= 0 ||
           nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a directory for a layer");
}

static struct nvb_layer_draft *draft_new(struct nvb_work *work)
{
    struct nvb_layer_draft *draft = nvb_xcalloc(1, sizeof(*draft));

    *draft = (struct nvb_layer_draft){
        .work = work, .dir_fd = -1, .diff_fd = -1, .making_fd = -1, .lock_fd = -1
    };
    return draft;
}

bool nvb_layer_draft_name(const struct nvb_store *store,
                          struct nvb_layer_draft *draft,
                          const char *chain_id,
                          enum nvb_layer_turn *out_turn,
                          struct nvb_err *err)
{
    memcpy(draft->chain_id, chain_id, NVB_DIGEST_SIZE);
    if (draft->making_fd < 0)
        draft->making_fd = nvb_store_open_part(store, "making");
    if (draft->making_fd >= 0)
        draft->lock_fd = lock_making(draft->making_fd, nvb_digest_hex(chain_id));
    if (draft->lock_fd < 0 && errno != EWOULDBLOCK)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock layer '%s'", chain_id);
    *out_turn = nvb_store_has_layer(store, chain_id) ? NVB_LAYER_THERE
                : draft->lock_fd < 0                 ? NVB_LAYER_BUSY
                                                     : NVB_LAYER_MAKE;
    return true;
}

bool nvb_layer_begin_unnamed(struct nvb_work *work,
                             struct nvb_layer_draft **out,
                             struct nvb_err *err)
{
    nvb_autoptr(nvb_layer_draft) draft = draft_new(work);

    if (!make_draft_dirs(draft, err))
        return false;
    *out = nvb_steal(&draft);
    return true;
}

bool nvb_layer_begin(const struct nvb_store *store,
                     struct nvb_work *work,
                     const char *chain_id,
                     enum nvb_layer_turn *out_turn,
                     struct nvb_layer_draft **out,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_layer_draft) draft = draft_new(work);

    if (!nvb_layer_draft_name(store, draft, chain_id, out_turn, err))
        return false;
    if (*out_turn != NVB_LAYER_MAKE)
        return true;
    if (!make_draft_dirs(draft, err))
        return false;
    *out = nvb_steal(&draft);
    return true;
}

int nvb_layer_draft_dir_fd(const struct nvb_layer_draft *draft)
{
    return draft->dir_fd;
}

int nvb_layer_draft_fd(const struct nvb_layer_draft *draft)
{
    return draft->diff_fd;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

void nvb_layer_draft_free(struct nvb_layer_draft *draft)
{
    if (!draft)
        return;
    close_if_open(draft->diff_fd);
    close_if_open(draft->dir_fd);
    if (draft->lock_fd >= 0)
        (void)unlinkat(draft->making_fd, nvb_digest_hex(draft->chain_id), 0);
    close_if_open(draft->lock_fd);
    close_if_open(draft->making_fd);
    free(draft);
}

/* Not synced by itself: a torn one is of another boot, and then the layer does not count. */
static bool write_meta(int dir_fd, const char *text)
{
    nvb_autoclose int fd =
        openat(dir_fd, META_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

    return fd >= 0 && nvb_write_all(fd, text, strlen(text));
}

bool nvb_layer_publish(const struct nvb_store *store,
                       struct nvb_layer_draft *draft,
                       const struct nvb_layer_facts *facts,
                       struct nvb_err *err)
{
    nvb_autofree char *meta = dup_meta(store, facts, false);
    nvb_autoclose int part_fd = nvb_store_open_part(store, "layers");
    const char *hex = nvb_digest_hex(facts->chain_id);
    char aside[NVB_RANDOM_NAME];

    if (part_fd < 0 || !write_meta(draft->dir_fd, meta))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot write to layer '%s'", facts->chain_id);
    if (renameat2(draft->work->dir_fd, draft->name, part_fd, hex, RENAME_NOREPLACE) == 0)
        return true;
    /* The lock is ours and there was no whole layer: this one is of before a power failure. */
    nvb_random_name("torn", aside);
    if (errno == EEXIST && renameat(part_fd, hex, draft->work->dir_fd, aside) == 0 &&
        renameat2(draft->work->dir_fd, draft->name, part_fd, hex, RENAME_NOREPLACE) == 0)
        return true;
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot give layer '%s' its place", facts->chain_id);
}

static bool
list_unsynced(const struct nvb_store *store, int part_fd, struct nvb_strv *out, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    if (!nvb_list_in_root(part_fd, ".", &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autoclose int fd = open_plain(part_fd, names.items[i]);
        struct nvb_layer_facts facts;
        nvb_autofree char *boot_id = NULL;
        nvb_auto_err ignored = { 0 };

        if (fd >= 0 && read_meta(fd, &facts, &boot_id, &ignored) && !facts.is_synced &&
            *store->boot_id && strcmp(boot_id, store->boot_id) == 0)
            nvb_strv_add(out, names.items[i]);
    }
    return true;
}

bool nvb_layer_mark_synced(const struct nvb_store *store, const char *chain_id, struct nvb_err *err)
{
    nvb_autoclose int fd = open_layer(store, chain_id);
    struct nvb_layer_facts facts;
    nvb_autofree char *boot_id = NULL;
    nvb_autofree char *meta = NULL;
    nvb_auto_err gone = { 0 };

    /* Swept meanwhile: nothing to mark. */
    if (fd < 0 || !read_meta(fd, &facts, &boot_id, &gone))
        return true;
    meta = dup_meta(store, &facts, true);
    return nvb_store_put(store, fd, META_FILE, meta, err);
}

bool nvb_store_sync(const struct nvb_store *store, struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, "layers");
    nvb_auto_strv names = { 0 };
    bool is_synced = false;

    if (part_fd < 0)
        return true;
    if (!list_unsynced(store, part_fd, &names, err))
        return false;
    if (names.n == 0)
        return true;
    (void)nvb_store_lock(store, LOCK_UN);
    is_synced = syncfs(part_fd) == 0;
    if (!is_synced)
        nvb_fail_errno(err, NVB_D_IMAGE, "cannot bring the store to the disk");
    if (!nvb_store_lock(store, LOCK_SH) && is_synced)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock the store");
    for (size_t i = 0; i < names.n && is_synced; i++) {
        nvb_autofree char *chain_id = nvb_xasprintf("sha256:%s", names.items[i]);

        is_synced = nvb_layer_mark_synced(store, chain_id, err);
    }
    return is_synced;
}
