/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "image/store_internal.h"

enum {
    LEASE_ID_MAX = 200,
};

static void ref_clear(struct nvb_store_ref *ref)
{
    free(ref->name);
    *ref = (struct nvb_store_ref){ 0 };
}

void nvb_store_refs_clear(struct nvb_store_refs *refs)
{
    for (size_t i = 0; i < refs->n; i++)
        ref_clear(&refs->items[i]);
    free(refs->items);
    *refs = (struct nvb_store_refs){ 0 };
}

/* "docker.io+library+ubuntu,latest": neither "+" nor "," can be in a name. */
static char *dup_file_name(const struct nvb_reference *name)
{
    char *file = nvb_reference_dup_text(name);

    for (char *p = file; *p; p++)
        *p = *p == '/' ? '+' : *p == ':' ? ',' : *p;
    return file;
}

static bool put(const struct nvb_store *store,
                const char *part,
                const char *file,
                const char *name,
                const char *digest,
                struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, part);
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *text = NULL;

    if (part_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s' in the store", part);
    nvb_json_set_str(json, "name", name);
    nvb_json_set_str(json, "digest", digest);
    nvb_json_set_i64(json, "set", (int64_t)time(NULL));
    text = nvb_json_dup_text(json, false);
    return nvb_store_put(store, part_fd, file, text, err);
}

bool nvb_store_read_ref(int part_fd,
                        const char *file,
                        struct nvb_store_ref *out,
                        struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    const char *digest = NULL;
    const char *name = NULL;
    uint64_t set = 0;
    size_t len = 0;

    if (!nvb_read_in_root(part_fd, file, NVB_RECORD_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, file, &json, err))
        return false;
    digest = nvb_json_get_str(json, "digest");
    name = nvb_json_get_str(json, "name");
    if (!digest || !name || !nvb_digest_is_valid(digest)) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' in the store is damaged", file);
        return nvb_hint(err, "run: nvbind store check --repair");
    }
    (void)nvb_json_read_u64(nvb_json_get(json, "set"), &set);
    out->name = nvb_xstrdup(name);
    out->set_s = (int64_t)set;
    memcpy(out->digest, digest, NVB_DIGEST_SIZE);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct nvb_store_ref *)a)->name, ((const struct nvb_store_ref *)b)->name);
}

static bool list(const struct nvb_store *store,
                 const char *part,
                 struct nvb_store_refs *out,
                 struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, part);
    nvb_auto_strv files = { 0 };
    nvb_auto_refs refs = { 0 };

    if (part_fd < 0 && errno == ENOENT)
        return true;
    if (part_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s' in the store", part);
    if (!nvb_list_in_root(part_fd, ".", &files, err))
        return false;
    refs.items = nvb_xcalloc(files.n + 1, sizeof(*refs.items));
    for (size_t i = 0; i < files.n; i++) {
        if (!nvb_store_read_ref(part_fd, files.items[i], &refs.items[refs.n], err))
            return false;
        refs.n++;
    }
    if (refs.n > 1)
        qsort(refs.items, refs.n, sizeof(*refs.items), by_name);
    *out = refs;
    refs = (struct nvb_store_refs){ 0 };
    return true;
}

/* True when it is gone; *out_was whether it was there. */
static bool remove_file(const struct nvb_store *store,
                        const char *part,
                        const char *file,
                        bool *out_was,
                        struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, part);

    *out_was = part_fd >= 0 && unlinkat(part_fd, file, 0) == 0;
    if (*out_was ? fsync(part_fd) == 0 : errno == ENOENT)
        return true;
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot remove '%s' from the store", file);
}

static bool check_image(const struct nvb_store *store, const char *digest, struct nvb_err *err)
{
    nvb_autoptr(nvb_image) image = NULL;

    return nvb_store_read_image(store, digest, &image, err);
}

bool nvb_store_set_ref(const struct nvb_store *store,
                       const struct nvb_reference *name,
                       const char *digest,
                       struct nvb_err *err)
{
    nvb_autofree char *file = dup_file_name(name);
    nvb_autofree char *text = nvb_reference_dup_text(name);

    return check_image(store, digest, err) && put(store, "refs", file, text, digest, err);
}

bool nvb_store_remove_ref(const struct nvb_store *store,
                          const struct nvb_reference *name,
                          struct nvb_err *err)
{
    nvb_autofree char *file = dup_file_name(name);
    nvb_autofree char *familiar = nvb_reference_dup_familiar(name);
    bool was_there = false;

    if (!remove_file(store, "refs", file, &was_there, err))
        return false;
    return was_there ||
           nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image '%s'", familiar);
}

bool nvb_store_get_ref(const struct nvb_store *store,
                       const struct nvb_reference *name,
                       struct nvb_store_ref *out,
                       struct nvb_err *err)
{
    nvb_autofree char *file = dup_file_name(name);
    nvb_autoclose int part_fd = nvb_store_open_part(store, "refs");

    if (part_fd >= 0 && faccessat(part_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return nvb_store_read_ref(part_fd, file, out, err);
    if (errno != ENOENT)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open 'refs' in the store");
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no such name");
}

bool nvb_store_list_refs(const struct nvb_store *store,
                         struct nvb_store_refs *out,
                         struct nvb_err *err)
{
    return list(store, "refs", out, err);
}

static bool check_lease_id(const char *id, struct nvb_err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t len = strlen(id);

    return (len > 0 && len <= LEASE_ID_MAX && strspn(id, letters) == len && *id != '.') ||
           nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' cannot be the name of a lease", id);
}

bool nvb_store_add_lease(const struct nvb_store *store,
                         const char *id,
                         const char *digest,
                         struct nvb_err *err)
{
    return check_lease_id(id, err) && check_image(store, digest, err) &&
           put(store, "leases", id, id, digest, err);
}

bool nvb_store_remove_lease(const struct nvb_store *store, const char *id, struct nvb_err *err)
{
    bool was_there = false;

    return check_lease_id(id, err) && remove_file(store, "leases", id, &was_there, err);
}

bool nvb_store_list_leases(const struct nvb_store *store,
                           struct nvb_store_refs *out,
                           struct nvb_err *err)
{
    return list(store, "leases", out, err);
}
