/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "image/store_internal.h"

/* The digests that something leads to; sorted before it is asked. */
struct marks {
    struct nvb_strv layers;
    struct nvb_strv blobs;
};

static void marks_clear(struct marks *marks)
{
    nvb_strv_clear(&marks->layers);
    nvb_strv_clear(&marks->blobs);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct nvb_strv *list)
{
    if (list->n > 1)
        qsort(list->items, list->n, sizeof(*list->items), by_text);
}

static bool is_marked(const struct nvb_strv *sorted, const char *hex)
{
    return sorted->n > 0 &&
           bsearch(&hex, sorted->items, sorted->n, sizeof(*sorted->items), by_text) != NULL;
}

static void mark_image(const struct nvb_image *image, struct marks *marks)
{
    const struct nvb_manifest *m = image->manifest;

    nvb_strv_add(&marks->blobs, nvb_digest_hex(image->digest));
    nvb_strv_add(&marks->blobs, nvb_digest_hex(m->config.digest));
    for (size_t i = 0; i < m->n_layers; i++)
        nvb_strv_add(&marks->blobs, nvb_digest_hex(m->layers[i].digest));
    for (size_t i = 0; i < image->chain_ids.n; i++)
        nvb_strv_add(&marks->layers, nvb_digest_hex(image->chain_ids.items[i]));
}

static bool mark_all(const struct nvb_store *store,
                     const struct nvb_store_refs *refs,
                     struct marks *marks,
                     struct nvb_err *err)
{
    for (size_t i = 0; i < refs->n; i++) {
        nvb_autoptr(nvb_image) image = NULL;

        if (!nvb_store_read_image(store, refs->items[i].digest, &image, err)) {
            nvb_hint(err, "run: nvbind store check --repair");
            return nvb_while(err, "'%s' leads to an image that cannot be read",
                             refs->items[i].name);
        }
        mark_image(image, marks);
    }
    return true;
}

static bool mark(const struct nvb_store *store, struct marks *marks, struct nvb_err *err)
{
    nvb_auto_refs refs = { 0 };
    nvb_auto_refs leases = { 0 };

    if (!nvb_store_list_refs(store, &refs, err) || !nvb_store_list_leases(store, &leases, err) ||
        !mark_all(store, &refs, marks, err) || !mark_all(store, &leases, marks, err))
        return false;
    sort(&marks->layers);
    sort(&marks->blobs);
    return true;
}

static uint64_t size_of_layer(const struct nvb_store *store, const char *hex)
{
    nvb_autofree char *chain_id = nvb_xasprintf("sha256:%s", hex);
    struct nvb_layer_facts facts = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!nvb_digest_is_valid(chain_id) || !nvb_layer_read_facts(store, chain_id, &facts, &ignored))
        return 0;
    return facts.size_bytes;
}

static uint64_t size_of_blob(int part_fd, const char *hex)
{
    struct stat st;

    return fstatat(part_fd, hex, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)st.st_size : 0;
}

/* A container that lives no longer than its nvbind holds its layers by locks, not by a lease. */
static bool is_held(int part_fd, const char *hex)
{
    nvb_autofree char *path = nvb_xasprintf("%s/diff", hex);
    nvb_autoclose int fd = nvb_open_in_root(part_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* What is not marked loses its name at once; its room is given back with the work area. */
static bool take_aside(const struct nvb_store *store,
                       struct nvb_work *work,
                       const char *part,
                       const struct nvb_strv *marked,
                       struct nvb_sweep_result *out,
                       struct nvb_err *err)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, part);
    bool is_layers = strcmp(part, "layers") == 0;
    nvb_auto_strv names = { 0 };

    if (part_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s' in the store", part);
    if (!nvb_list_in_root(part_fd, ".", &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];
        char aside[NVB_RANDOM_NAME];

        if (is_marked(marked, name) || (is_layers && is_held(part_fd, name)))
            continue;
        out->size_bytes += is_layers ? size_of_layer(store, name) : size_of_blob(part_fd, name);
        *(is_layers ? &out->n_layers : &out->n_blobs) += 1;
        nvb_random_name("swept", aside);
        if (renameat(part_fd, name, work->dir_fd, aside) < 0)
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot remove '%s' from '%s'", name, part);
    }
    return true;
}

/* Nobody makes anything now: these are of processes that were killed. */
static void remove_locks(const struct nvb_store *store)
{
    nvb_autoclose int part_fd = nvb_store_open_part(store, "making");
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (part_fd < 0 || !nvb_list_in_root(part_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++)
        (void)unlinkat(part_fd, names.items[i], 0);
}

static bool lock(const struct nvb_store *store, bool may_wait, struct nvb_err *err)
{
    if (nvb_store_lock(store, LOCK_EX | (may_wait ? 0 : LOCK_NB)))
        return true;
    if (errno != EWOULDBLOCK)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock the store");
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "another nvbind works in the store");
}

bool nvb_store_sweep(const struct nvb_store *store,
                     bool may_wait,
                     struct nvb_sweep_result *out,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_work) work = NULL;
    const struct nvb_strv none = { 0 };
    struct marks marks = { 0 };
    bool ok = false;

    *out = (struct nvb_sweep_result){ 0 };
    if (store->dir_fd < 0)
        return true;
    ok = lock(store, may_wait, err);
    if (ok) {
        nvb_work_sweep(store);
        remove_locks(store);
        ok = nvb_work_begin(store, &work, err) && mark(store, &marks, err) &&
             take_aside(store, work, "layers", &marks.layers, out, err) &&
             take_aside(store, work, "blobs/sha256", &marks.blobs, out, err) &&
             take_aside(store, work, "partial", &none, out, err);
    }
    marks_clear(&marks);
    if (!nvb_store_lock(store, LOCK_SH) && ok)
        ok = nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock the store");
    return ok;
}
