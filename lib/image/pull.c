/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/pull.h"

#include <string.h>

#include "image/fetcher.h"

/* What the report's reader carries along. */
struct following {
    struct nvb_pull_state state;
    const struct nvb_pull_watch *watch; /* borrowed */
};

static void follow(void *data, const char *name, const struct nvb_json *event)
{
    struct following *f = data;
    const struct nvb_pull_layer *layer = NULL;
    bool is_known = false;

    if (strcmp(name, "note") == 0) {
        const char *text = nvb_json_get_str(event, "text");

        if (text && f->watch && f->watch->note)
            f->watch->note(f->watch->data, text);
        return;
    }
    layer = nvb_pull_state_apply(&f->state, name, event, &is_known);
    if (is_known && f->watch && f->watch->changed)
        f->watch->changed(f->watch->data, &f->state, layer);
}

static bool
read_result(const struct nvb_json *done, struct nvb_pull_result *out, struct nvb_err *err)
{
    const char *name = nvb_json_get_str(done, "name");
    const char *digest = nvb_json_get_str(done, "digest");

    if (!name || !digest || !nvb_digest_is_valid(digest) ||
        !nvb_json_read_u64(nvb_json_get(done, "layers"), &out->n_layers) ||
        !nvb_json_read_u64(nvb_json_get(done, "fetched"), &out->n_fetched) ||
        !nvb_json_read_u64(nvb_json_get(done, "bytes"), &out->size_bytes)) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "nvbind-fetch ended with a strange report");
    }
    out->name = nvb_xstrdup(name);
    memcpy(out->digest, digest, NVB_DIGEST_SIZE);
    return true;
}

bool nvb_image_pull(const char *name,
                    const char *platform,
                    const struct nvb_pull_watch *watch,
                    struct nvb_pull_result *out,
                    struct nvb_err *err)
{
    nvb_autoptr(nvb_json) request = nvb_json_new_object();
    nvb_autoptr(nvb_json) done = NULL;
    struct following following = { .watch = watch };
    const struct nvb_fetch_watch report = { .event = follow, .data = &following };
    bool ok = false;

    nvb_json_set_str(request, "name", name);
    if (platform)
        nvb_json_set_str(request, "platform", platform);
    ok = nvb_fetcher_run("pull", request, &report, &done, err);
    nvb_pull_state_clear(&following.state);
    return ok && read_result(done, out, err);
}

void nvb_pull_result_clear(struct nvb_pull_result *result)
{
    free(result->name);
    *result = (struct nvb_pull_result){ 0 };
}
