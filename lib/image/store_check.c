/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "image/store_internal.h"

struct checking {
    const struct nvb_store *store;           /* borrowed */
    const struct nvb_check_options *options; /* borrowed */
    struct nvb_check_result *result;         /* borrowed */
    struct nvb_work *work; /* borrowed; where broken things go; NULL without repair */
    struct nvb_strv used;  /* digests of layers that images have */
};

void nvb_check_result_clear(struct nvb_check_result *result)
{
    for (size_t i = 0; i < result->n; i++)
        free(result->items[i].text);
    free(result->items);
    *result = (struct nvb_check_result){ 0 };
}

NVB_PRINTF(3, 4) static void fault(struct checking *c, bool is_repaired, const char *fmt, ...)
{
    struct nvb_check_result *r = c->result;
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    va_end(ap);
    r->items = nvb_xrealloc(r->items, r->n + 1, sizeof(*r->items));
    r->items[r->n++] = (struct nvb_store_fault){ text, is_repaired };
}

/* Out of its part and into the work area, with which it is removed. */
static bool take_away(struct checking *c, int part_fd, const char *name)
{
    char aside[NVB_RANDOM_NAME];

    if (!c->work)
        return false;
    nvb_random_name("broken", aside);
    return renameat(part_fd, name, c->work->dir_fd, aside) == 0;
}

/* The names in a part, which is opened. */
static bool list_part(struct checking *c,
                      const char *part,
                      int *out_fd,
                      struct nvb_strv *out,
                      struct nvb_err *err)
{
    *out_fd = nvb_store_open_part(c->store, part);
    if (*out_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s' in the store", part);
    return nvb_list_in_root(*out_fd, ".", out, err);
}

static char *dup_digest(const char *hex)
{
    nvb_autofree char *digest = nvb_xasprintf("sha256:%s", hex);

    return nvb_digest_is_valid(digest) ? nvb_steal(&digest) : NULL;
}

static bool check_blobs(struct checking *c, struct nvb_err *err)
{
    nvb_autoclose int part_fd = -1;
    nvb_auto_strv names = { 0 };

    if (!list_part(c, "blobs/sha256", &part_fd, &names, err))
        return false;
    c->result->n_blobs = names.n;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *digest = dup_digest(names.items[i]);
        nvb_autofree char *text = NULL;
        nvb_auto_err bad = { 0 };

        if (!digest) {
            fault(c, take_away(c, part_fd, names.items[i]), "'%s' is no blob", names.items[i]);
        } else if (!nvb_store_read_blob(c->store, digest, &text, NULL, &bad)) {
            fault(c, take_away(c, part_fd, names.items[i]), "%s", bad.lines[0]);
        }
    }
    return true;
}

/* Were the files unpacked as they are now? Nothing is said when it was not asked. */
static bool verify_files(struct checking *c, const char *digest, int layer_fd)
{
    nvb_auto_strv faults = { 0 };
    nvb_auto_err bad = { 0 };
    const struct nvb_check_options *o = c->options;

    if (!o->verify_layer)
        return true;
    if (!o->verify_layer(o->data, layer_fd, &faults, &bad))
        nvb_strv_add(&faults, bad.lines[0]);
    for (size_t i = 0; i < faults.n; i++)
        fault(c, c->work != NULL, "layer %.12s: %s", nvb_digest_hex(digest), faults.items[i]);
    return faults.n == 0;
}

static bool is_chained(const struct nvb_layer_facts *facts)
{
    char chain[NVB_DIGEST_SIZE];

    nvb_digest_chain(*facts->parent ? facts->parent : NULL, facts->diff_id, chain);
    return strcmp(chain, facts->chain_id) == 0;
}

/* One that never came to the disk before the machine stopped may be whole all the same: if its
 * files prove it, the mark is made up for. */
static bool check_unmarked(struct checking *c, const char *digest, int layer_fd)
{
    bool is_whole = c->options->verify_layer && verify_files(c, digest, layer_fd);
    nvb_auto_err err = { 0 };

    if (is_whole && c->work && syncfs(layer_fd) == 0 &&
        nvb_layer_mark_synced(c->store, digest, &err)) {
        fault(c, true, "layer %.12s was not marked as being on the disk", nvb_digest_hex(digest));
        return true;
    }
    fault(c, c->work != NULL, "layer %.12s may not be on the disk", nvb_digest_hex(digest));
    return false;
}

/* False: it is broken. */
static bool check_layer(struct checking *c, const char *digest)
{
    struct nvb_layer_facts facts = { 0 };
    nvb_auto_err bad = { 0 };
    nvb_autoclose int part_fd = nvb_store_open_part(c->store, "layers");
    nvb_autoclose int fd =
        openat(part_fd, nvb_digest_hex(digest), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 || !nvb_layer_read_facts(c->store, digest, &facts, &bad)) {
        fault(c, c->work != NULL, "layer %.12s has lost its description", nvb_digest_hex(digest));
        return false;
    }
    if (strcmp(facts.chain_id, digest) != 0 || !is_chained(&facts)) {
        fault(c, c->work != NULL, "layer %.12s is another one", nvb_digest_hex(digest));
        return false;
    }
    return nvb_store_has_layer(c->store, digest) ? verify_files(c, digest, fd)
                                                 : check_unmarked(c, digest, fd);
}

static bool check_layers(struct checking *c, struct nvb_err *err)
{
    nvb_autoclose int part_fd = -1;
    nvb_auto_strv names = { 0 };

    if (!list_part(c, "layers", &part_fd, &names, err))
        return false;
    c->result->n_layers = names.n;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *digest = dup_digest(names.items[i]);

        if (!digest) {
            fault(c, take_away(c, part_fd, names.items[i]), "'%s' is no layer", names.items[i]);
        } else if (!check_layer(c, digest)) {
            (void)take_away(c, part_fd, names.items[i]);
        } else if (!nvb_strv_has(&c->used, digest)) {
            c->result->n_unused++;
        }
    }
    return true;
}

/* A name that leads to nothing is removed; a container's lease is its own business. */
static void check_ref(struct checking *c, int part_fd, const char *file, bool is_lease)
{
    struct nvb_store_ref ref = { 0 };
    nvb_autoptr(nvb_image) image = NULL;
    nvb_auto_err bad = { 0 };
    bool is_gone = false;

    if (!nvb_store_read_ref(part_fd, file, &ref, &bad) ||
        !nvb_store_read_image(c->store, ref.digest, &image, &bad)) {
        is_gone = !is_lease && take_away(c, part_fd, file);
        fault(c, is_gone, "%s '%s': %s", is_lease ? "container" : "name",
              ref.name ? ref.name : file, bad.lines[0]);
    } else {
        c->result->n_images += !is_lease;
        nvb_strv_copy(&c->used, &image->chain_ids);
    }
    free(ref.name);
}

static bool check_refs(struct checking *c, const char *part, struct nvb_err *err)
{
    nvb_autoclose int part_fd = -1;
    nvb_auto_strv names = { 0 };

    if (!list_part(c, part, &part_fd, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++)
        check_ref(c, part_fd, names.items[i], strcmp(part, "leases") == 0);
    return true;
}

/* After everything broken was removed: what is missing can only be told. */
static void check_whole(struct checking *c)
{
    nvb_auto_refs refs = { 0 };
    nvb_auto_err told = { 0 };

    if (!nvb_store_list_refs(c->store, &refs, &told))
        return;
    for (size_t i = 0; i < refs.n; i++) {
        nvb_autoptr(nvb_image) image = NULL;
        nvb_auto_err bad = { 0 };

        if (nvb_store_read_image(c->store, refs.items[i].digest, &image, &bad) &&
            !nvb_store_check_layers(c->store, image, &bad))
            fault(c, false, "name '%s': %s", refs.items[i].name, bad.lines[0]);
    }
}

static bool count_leftovers(struct checking *c, struct nvb_err *err)
{
    nvb_autoclose int part_fd = -1;
    nvb_auto_strv names = { 0 };

    if (!list_part(c, "tmp", &part_fd, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autoclose int fd =
            openat(part_fd, names.items[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0)
            c->result->n_leftovers++;
    }
    return true;
}

static bool check_all(struct checking *c, struct nvb_err *err)
{
    if (!count_leftovers(c, err) || !check_blobs(c, err) || !check_refs(c, "refs", err) ||
        !check_refs(c, "leases", err) || !check_layers(c, err))
        return false;
    check_whole(c);
    return true;
}

bool nvb_store_check(const struct nvb_store *store,
                     const struct nvb_check_options *options,
                     struct nvb_check_result *out,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_work) work = NULL;
    struct checking c = { .store = store, .options = options, .result = out };
    bool ok = true;

    *out = (struct nvb_check_result){ 0 };
    if (store->dir_fd < 0)
        return true;
    if (options->may_repair) {
        if (!nvb_store_lock(store, LOCK_EX))
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot lock the store");
        nvb_work_sweep(store);
        ok = nvb_work_begin(store, &work, err);
        c.work = work;
    }
    ok = ok && check_all(&c, err);
    nvb_strv_clear(&c.used);
    if (options->may_repair)
        (void)nvb_store_lock(store, LOCK_SH);
    if (!ok)
        nvb_check_result_clear(out);
    return ok;
}
