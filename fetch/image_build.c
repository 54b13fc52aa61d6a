/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image_build.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "settle.h"

enum {
    BUSY_POLL_MS = 100,
};

struct image_build {
    const struct nvb_store *store; /* borrowed */
    struct nvb_work *work;         /* borrowed */
    char *name;                    /* owned */
    struct nvb_buf manifest;
    struct nvb_buf config;
    struct nvb_image *image; /* owned */
    bool is_loose;
    struct build_watch watch; /* its data is borrowed */
    pthread_mutex_t mutex;
    struct tree_losses losses; /* of all layers; under the mutex */
};

bool image_build_new(const struct nvb_store *store,
                     struct nvb_work *work,
                     const char *name,
                     const char *manifest_text,
                     size_t manifest_len,
                     const char *config_text,
                     size_t config_len,
                     struct image_build **out,
                     struct nvb_err *err)
{
    struct nvb_image *image = NULL;

    if (!nvb_image_parse(manifest_text, manifest_len, config_text, config_len, name, &image, err))
        return false;
    *out = nvb_xcalloc(1, sizeof(**out));
    (*out)->store = store;
    (*out)->work = work;
    (*out)->name = nvb_xstrdup(name);
    (*out)->image = image;
    nvb_buf_add(&(*out)->manifest, manifest_text, manifest_len);
    nvb_buf_add(&(*out)->config, config_text, config_len);
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    return true;
}

void image_build_free(struct image_build *build)
{
    if (!build)
        return;
    (void)pthread_mutex_destroy(&build->mutex);
    nvb_image_free(build->image);
    nvb_buf_clear(&build->manifest);
    nvb_buf_clear(&build->config);
    free(build->name);
    free(build);
}

const struct nvb_image *image_build_get(const struct image_build *build)
{
    return build->image;
}

void image_build_watch(struct image_build *build, const struct build_watch *watch)
{
    build->watch = *watch;
}

void image_build_set_loose(struct image_build *build)
{
    build->is_loose = true;
}

bool image_build_needs(const struct image_build *build, size_t layer)
{
    return !nvb_store_has_layer(build->store, build->image->chain_ids.items[layer]);
}

static void add_losses(struct image_build *build, const struct tree_losses *more)
{
    struct tree_losses *all = &build->losses;

    (void)pthread_mutex_lock(&build->mutex);
    all->n_devices += more->n_devices;
    all->n_owners += more->n_owners;
    all->n_unmapped += more->n_unmapped;
    all->n_setuid += more->n_setuid;
    all->n_xattrs += more->n_xattrs;
    (void)pthread_mutex_unlock(&build->mutex);
}

/* What a layer's unpacking is told with. */
struct told {
    const struct image_build *build; /* borrowed */
    size_t layer;
};

static void tell_progress(void *data, uint64_t n_in, uint64_t n_out)
{
    const struct told *told = data;
    const struct build_watch *watch = &told->build->watch;

    if (watch->progress)
        watch->progress(watch->data, told->layer, n_in, n_out);
}

static bool unpack_into(struct image_build *build,
                        size_t layer,
                        const struct nvb_layer_draft *draft,
                        const struct source *source,
                        struct unpack_result *result,
                        struct nvb_err *err)
{
    const struct nvb_descriptor *d = &build->image->manifest->layers[layer];
    nvb_autofree char *name =
        nvb_xasprintf("layer %zu of %zu of %s", layer + 1, build->image->chain_ids.n, build->name);
    struct told told = { .build = build, .layer = layer };
    const struct unpack_job job = {
        .name = name,
        .digest = build->is_loose ? NULL : d->digest,
        .size_bytes = build->is_loose ? 0 : d->size_bytes,
        .diff_id = build->image->config->diff_ids.items[layer],
        .diff_fd = nvb_layer_draft_fd(draft),
        .ids = nvb_store_get_ids(build->store),
        .limits = unpack_limits_default(),
        .progress = tell_progress,
        .progress_data = &told,
    };

    return unpack(&job, source, result, err);
}

static bool make_layer(struct image_build *build,
                       size_t layer,
                       struct nvb_layer_draft *draft,
                       const struct source *source,
                       struct nvb_err *err)
{
    const struct nvb_image *image = build->image;
    struct unpack_result result = { 0 };
    struct nvb_layer_facts facts = { 0 };
    bool ok = unpack_into(build, layer, draft, source, &result, err) &&
              settle_note(draft, &result.implied, err) &&
              tree_index_write(nvb_layer_draft_dir_fd(draft), nvb_layer_draft_fd(draft),
                               &result.sums, &result.implied, err);

    if (ok) {
        memcpy(facts.chain_id, image->chain_ids.items[layer], NVB_DIGEST_SIZE);
        memcpy(facts.diff_id, result.diff_id, NVB_DIGEST_SIZE);
        if (layer > 0)
            memcpy(facts.parent, image->chain_ids.items[layer - 1], NVB_DIGEST_SIZE);
        facts.size_bytes = result.file_bytes;
        facts.n_entries = result.n_entries;
        add_losses(build, &result.losses);
        ok = nvb_layer_publish(build->store, draft, &facts, err);
    }
    unpack_result_clear(&result);
    return ok;
}

/* Our turn, or the layer of somebody else who was faster. */
static bool wait_for_turn(struct image_build *build,
                          size_t layer,
                          enum nvb_layer_turn *out_turn,
                          struct nvb_layer_draft **out,
                          struct nvb_err *err)
{
    const struct timespec pause = { .tv_nsec = BUSY_POLL_MS * 1000000L };
    bool is_told = false;

    for (;;) {
        if (!nvb_layer_begin(build->store, build->work, build->image->chain_ids.items[layer],
                             out_turn, out, err))
            return false;
        if (*out_turn != NVB_LAYER_BUSY)
            return true;
        if (!is_told && build->watch.waiting)
            build->watch.waiting(build->watch.data, layer);
        is_told = true;
        (void)nanosleep(&pause, NULL);
    }
}

bool image_build_layer(struct image_build *build,
                       size_t layer,
                       const struct source *source,
                       struct nvb_err *err)
{
    nvb_autoptr(nvb_layer_draft) draft = NULL;
    enum nvb_layer_turn turn = NVB_LAYER_BUSY;

    return wait_for_turn(build, layer, &turn, &draft, err) &&
           (turn == NVB_LAYER_THERE || make_layer(build, layer, draft, source, err));
}

void image_build_describe_losses(const struct tree_losses *losses, struct nvb_strv *out)
{
    if (losses->n_owners > 0 || losses->n_setuid > 0) {
        nvb_strv_addf(out,
                      "%llu files that belong to others in the image belong to you here: you have "
                      "no subordinate ids (see subuid(5))",
                      (unsigned long long)(losses->n_owners));
    }
    if (losses->n_unmapped > 0) {
        nvb_strv_addf(out,
                      "%llu files have owners that the store has no ids for: they belong to "
                      "nobody",
                      (unsigned long long)losses->n_unmapped);
    }
    if (losses->n_devices > 0) {
        nvb_strv_addf(out, "%llu device nodes were left out: a container has its own /dev",
                      (unsigned long long)losses->n_devices);
    }
    if (losses->n_xattrs > 0) {
        nvb_strv_addf(out,
                      "%llu extended attributes were left out: they mean something to the host",
                      (unsigned long long)losses->n_xattrs);
    }
}

bool image_build_finish(struct image_build *build,
                        const struct nvb_reference *reference,
                        struct nvb_strv *out_notes,
                        struct nvb_err *err)
{
    if (!nvb_store_check_layers(build->store, build->image, err) ||
        !settle(build->store, build->image, err) ||
        !nvb_store_add_blob(build->store, build->work, build->config.data, build->config.len, NULL,
                            err) ||
        !nvb_store_add_blob(build->store, build->work, build->manifest.data, build->manifest.len,
                            NULL, err) ||
        (reference && !nvb_store_set_ref(build->store, reference, build->image->digest, err)))
        return nvb_while(err, "cannot store %s", build->name);
    image_build_describe_losses(&build->losses, out_notes);
    return true;
}
