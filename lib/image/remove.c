/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/remove.h"

#include <string.h>

#include "image/fetcher.h"

static const struct nvb_store_ref *find_lease(const struct nvb_store_refs *leases,
                                              const char *digest)
{
    for (size_t i = 0; i < leases->n; i++) {
        if (strcmp(leases->items[i].digest, digest) == 0)
            return &leases->items[i];
    }
    return NULL;
}

static size_t count_names(const struct nvb_store_refs *refs, const char *digest)
{
    size_t n = 0;

    for (size_t i = 0; i < refs->n; i++)
        n += strcmp(refs->items[i].digest, digest) == 0;
    return n;
}

static bool remove_name(const struct nvb_store *store,
                        const char *text,
                        struct nvb_strv *out_names,
                        struct nvb_err *err)
{
    nvb_auto_reference name = { 0 };

    if (!nvb_reference_parse(text, &name, err) || !nvb_store_remove_ref(store, &name, err))
        return false;
    nvb_strv_take(out_names, nvb_reference_dup_familiar(&name));
    return true;
}

static bool remove_names(const struct nvb_store *store,
                         const struct nvb_store_refs *refs,
                         const char *digest,
                         struct nvb_strv *out_names,
                         struct nvb_err *err)
{
    for (size_t i = 0; i < refs->n; i++) {
        if (strcmp(refs->items[i].digest, digest) == 0 &&
            !remove_name(store, refs->items[i].name, out_names, err))
            return false;
    }
    return true;
}

static bool fail_used(const struct nvb_store_ref *lease, const char *image, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "container '%s' uses image '%s'", lease->name,
             image);
    return nvb_hint(err, "remove the container first, or take the name away all the same with -f");
}

static bool fail_several(const struct nvb_store_refs *refs,
                         const char *digest,
                         const char *image,
                         struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    nvb_autofree char *list = NULL;

    for (size_t i = 0; i < refs->n; i++) {
        if (strcmp(refs->items[i].digest, digest) == 0)
            nvb_strv_add(&names, refs->items[i].name);
    }
    list = nvb_strv_join(&names, ", ");
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "image '%s' has several names", image);
    return nvb_hint(err, "give one of them, or -f for all: %.*s", 400, list);
}

/* Does the text name one of the image's names (then that goes), or the image (then all go)? */
static const struct nvb_store_ref *
find_own_name(const struct nvb_store_refs *refs, const char *digest, const char *text)
{
    nvb_auto_reference name = { 0 };
    nvb_autofree char *full = NULL;
    nvb_auto_err ignored = { 0 };

    if (!nvb_reference_parse(text, &name, &ignored))
        return NULL;
    full = nvb_reference_dup_text(&name);
    for (size_t i = 0; i < refs->n; i++) {
        if (strcmp(refs->items[i].digest, digest) == 0 && strcmp(refs->items[i].name, full) == 0)
            return &refs->items[i];
    }
    return NULL;
}

bool nvb_image_untag(const struct nvb_store *store,
                     const char *name_or_id,
                     bool is_forced,
                     struct nvb_strv *out_names,
                     struct nvb_err *err)
{
    nvb_auto_refs refs = { 0 };
    nvb_auto_refs leases = { 0 };
    char digest[NVB_DIGEST_SIZE];
    const struct nvb_store_ref *own = NULL;
    const struct nvb_store_ref *lease = NULL;
    size_t n_names = 0;

    if (!nvb_store_find(store, name_or_id, digest, err) ||
        !nvb_store_list_refs(store, &refs, err) || !nvb_store_list_leases(store, &leases, err))
        return false;
    own = find_own_name(&refs, digest, name_or_id);
    lease = find_lease(&leases, digest);
    n_names = count_names(&refs, digest);
    if (!own && n_names > 1 && !is_forced)
        return fail_several(&refs, digest, name_or_id, err);
    if (lease && (!own || n_names == 1) && !is_forced)
        return fail_used(lease, name_or_id, err);
    return own ? remove_name(store, own->name, out_names, err)
               : remove_names(store, &refs, digest, out_names, err);
}

bool nvb_image_untag_unused(const struct nvb_store *store,
                            struct nvb_strv *out_names,
                            struct nvb_err *err)
{
    nvb_auto_refs refs = { 0 };
    nvb_auto_refs leases = { 0 };

    if (!nvb_store_list_refs(store, &refs, err) || !nvb_store_list_leases(store, &leases, err))
        return false;
    for (size_t i = 0; i < refs.n; i++) {
        if (!find_lease(&leases, refs.items[i].digest) &&
            !remove_name(store, refs.items[i].name, out_names, err))
            return false;
    }
    return true;
}

static void read_count(const struct nvb_json *done, const char *key, size_t *out)
{
    uint64_t n = 0;

    if (nvb_json_read_u64(nvb_json_get(done, key), &n))
        *out = (size_t)n;
}

bool nvb_image_sweep(bool may_wait,
                     struct nvb_sweep_result *out,
                     bool *out_is_busy,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_json) request = nvb_json_new_object();
    nvb_autoptr(nvb_json) done = NULL;

    *out = (struct nvb_sweep_result){ 0 };
    *out_is_busy = false;
    nvb_json_set_bool(request, "wait", may_wait);
    if (!nvb_fetcher_run("sweep", request, NULL, &done, err))
        return false;
    *out_is_busy = nvb_json_get_bool(done, "busy");
    read_count(done, "layers", &out->n_layers);
    read_count(done, "blobs", &out->n_blobs);
    (void)nvb_json_read_u64(nvb_json_get(done, "bytes"), &out->size_bytes);
    return true;
}
