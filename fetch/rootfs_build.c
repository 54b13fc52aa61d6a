/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "rootfs_build.h"

#include <string.h>
#include <time.h>

#include "image_build.h"
#include "settle.h"
#include "unpack.h"

enum {
    BUSY_POLL_MS = 100,
};

static void tell_progress(void *data, uint64_t n_in, uint64_t n_out)
{
    report_progress(data, 0, n_in, n_out);
}

static bool unpack_it(const struct nvb_store *store,
                      const struct nvb_layer_draft *draft,
                      const char *name,
                      const struct source *archive,
                      struct report *report,
                      struct unpack_result *out,
                      struct nvb_err *err)
{
    const struct unpack_job job = {
        .name = name,
        .diff_fd = nvb_layer_draft_fd(draft),
        .ids = nvb_store_get_ids(store),
        .limits = unpack_limits_default(),
        .progress = tell_progress,
        .progress_data = report,
    };

    return unpack(&job, archive, out, err);
}

/* Only now is it known what it is called. Another process with the same archive may be faster. */
static bool publish(const struct nvb_store *store,
                    struct nvb_layer_draft *draft,
                    const struct unpack_result *result,
                    struct nvb_err *err)
{
    const struct timespec pause = { .tv_nsec = BUSY_POLL_MS * 1000000L };
    struct nvb_layer_facts facts = { .size_bytes = result->file_bytes,
                                     .n_entries = result->n_entries };
    enum nvb_layer_turn turn = NVB_LAYER_BUSY;

    memcpy(facts.chain_id, result->diff_id, NVB_DIGEST_SIZE);
    memcpy(facts.diff_id, result->diff_id, NVB_DIGEST_SIZE);
    while (turn == NVB_LAYER_BUSY) {
        if (!nvb_layer_draft_name(store, draft, facts.chain_id, &turn, err))
            return false;
        if (turn == NVB_LAYER_BUSY)
            (void)nanosleep(&pause, NULL);
    }
    return turn == NVB_LAYER_THERE || nvb_layer_publish(store, draft, &facts, err);
}

static bool make_layer(const struct nvb_store *store,
                       struct nvb_work *work,
                       const char *name,
                       const struct source *archive,
                       struct report *report,
                       struct unpack_result *out,
                       struct nvb_err *err)
{
    nvb_autoptr(nvb_layer_draft) draft = NULL;

    return nvb_layer_begin_unnamed(work, &draft, err) &&
           unpack_it(store, draft, name, archive, report, out, err) &&
           settle_note(draft, &out->implied, err) &&
           tree_index_write(nvb_layer_draft_dir_fd(draft), nvb_layer_draft_fd(draft), &out->sums,
                            &out->implied, err) &&
           publish(store, draft, out, err);
}

static bool store_texts(const struct nvb_store *store,
                        struct nvb_work *work,
                        const char *name,
                        const struct nvb_reference *reference,
                        struct nvb_image_config *config,
                        const struct unpack_result *result,
                        char out_digest[NVB_DIGEST_SIZE],
                        struct nvb_err *err)
{
    nvb_autoptr(image_build) build = NULL;
    nvb_autofree char *config_text = NULL;
    nvb_autofree char *manifest_text = NULL;
    struct nvb_descriptor of_config = { 0 };
    struct nvb_descriptor layer = { .size_bytes = result->archive_bytes };
    nvb_auto_strv none = { 0 };

    nvb_strv_add(&config->diff_ids, result->diff_id);
    config_text = nvb_compose_dup_config(config);
    of_config.size_bytes = strlen(config_text);
    nvb_digest_of(config_text, strlen(config_text), of_config.digest);
    memcpy(layer.digest, result->diff_id, NVB_DIGEST_SIZE);
    manifest_text = nvb_compose_dup_manifest(&of_config, &layer, 1);
    if (!image_build_new(store, work, name, manifest_text, strlen(manifest_text), config_text,
                         strlen(config_text), &build, err) ||
        !image_build_finish(build, reference, &none, err))
        return false;
    memcpy(out_digest, image_build_get(build)->digest, NVB_DIGEST_SIZE);
    return true;
}

bool rootfs_build(const struct nvb_store *store,
                  struct nvb_work *work,
                  const char *name,
                  const struct nvb_reference *reference,
                  struct nvb_image_config *config,
                  const struct source *archive,
                  struct report *report,
                  char out_digest[NVB_DIGEST_SIZE],
                  struct nvb_err *err)
{
    struct unpack_result result = { 0 };
    nvb_auto_strv notes = { 0 };
    bool ok = make_layer(store, work, name, archive, report, &result, err) &&
              store_texts(store, work, name, reference, config, &result, out_digest, err);

    if (ok)
        image_build_describe_losses(&result.losses, &notes);
    for (size_t i = 0; i < notes.n; i++)
        report_note(report, notes.items[i]);
    unpack_result_clear(&result);
    return ok;
}
