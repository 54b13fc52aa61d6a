/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/pull_state.h"

#include <string.h>

#include "image/manifest.h"

static bool read_u64(const struct nvb_json *object, const char *key, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (!nvb_json_read_u64(nvb_json_get(object, key), &value) || value > max)
        return false;
    *out = value;
    return true;
}

static bool is_true(const struct nvb_json *object, const char *key)
{
    nvb_autoptr(nvb_json) yes = nvb_json_new_bool(true);

    return nvb_json_is_equal(nvb_json_get(object, key), yes);
}

static bool read_layer(const struct nvb_json *json, struct nvb_pull_layer *out)
{
    const char *digest = nvb_json_get_str(json, "digest");

    if (!digest || !nvb_digest_is_valid(digest) ||
        !read_u64(json, "size", INT64_MAX, &out->size_bytes))
        return false;
    memcpy(out->digest, digest, NVB_DIGEST_SIZE);
    out->was_there = is_true(json, "have");
    out->step = out->was_there ? NVB_PULL_HAVE : NVB_PULL_TODO;
    return true;
}

/* Told once; a second time would change what is being drawn. */
static bool apply_image(struct nvb_pull_state *state, const struct nvb_json *members)
{
    const struct nvb_json *list = nvb_json_get(members, "layers");
    const char *name = nvb_json_get_str(members, "name");
    const char *platform = nvb_json_get_str(members, "platform");
    size_t n = nvb_json_length(list);

    if (state->name || !name || !platform || n > NVB_LAYERS_MAX)
        return false;
    state->layers = nvb_xcalloc(n + 1, sizeof(*state->layers));
    for (size_t i = 0; i < n; i++) {
        if (!read_layer(nvb_json_at(list, i), &state->layers[i])) {
            nvb_pull_state_clear(state);
            return false;
        }
    }
    state->n_layers = n;
    state->name = nvb_xstrdup(name);
    state->platform = nvb_xstrdup(platform);
    return true;
}

static bool
apply_to_layer(struct nvb_pull_layer *layer, const char *event, const struct nvb_json *members)
{
    if (strcmp(event, "progress") == 0 &&
        read_u64(members, "in", layer->size_bytes, &layer->n_in)) {
        layer->step = NVB_PULL_COMING;
        return true;
    }
    if (strcmp(event, "waiting") == 0) {
        layer->step = NVB_PULL_WAITING;
        return true;
    }
    if (strcmp(event, "layer") == 0) {
        layer->step = NVB_PULL_HAVE;
        return true;
    }
    return false;
}

const struct nvb_pull_layer *nvb_pull_state_apply(struct nvb_pull_state *state,
                                                  const char *event,
                                                  const struct nvb_json *members,
                                                  bool *out_is_known)
{
    uint64_t i = 0;

    *out_is_known = false;
    if (strcmp(event, "image") == 0) {
        *out_is_known = apply_image(state, members);
        return NULL;
    }
    if (!read_u64(members, "layer", NVB_LAYERS_MAX, &i) || i >= state->n_layers)
        return NULL;
    *out_is_known = apply_to_layer(&state->layers[i], event, members);
    return *out_is_known ? &state->layers[i] : NULL;
}

void nvb_pull_state_clear(struct nvb_pull_state *state)
{
    free(state->name);
    free(state->platform);
    free(state->layers);
    *state = (struct nvb_pull_state){ 0 };
}
