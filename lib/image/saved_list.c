/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/saved_list.h"

#include "image/manifest.h"
#include "image/members.h"

enum {
    IMAGES_MAX = 1000,
};

void nvb_saved_list_clear(struct nvb_saved_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i].config);
        nvb_strv_clear(&list->items[i].tags);
        nvb_strv_clear(&list->items[i].layers);
    }
    free(list->items);
    *list = (struct nvb_saved_list){ 0 };
}

static bool read_one(const struct members *m, struct nvb_saved *out, struct nvb_err *err)
{
    if (m->object->type != NVB_DOC_OBJECT)
        return members_fail(m, NULL, err, "an image is %s, not an object",
                            nvb_doc_type_name(m->object->type));
    if (!members_text(m, "Config", &out->config, err) ||
        !members_texts(m, "RepoTags", &out->tags, err) ||
        !members_texts(m, "Layers", &out->layers, err))
        return false;
    if (!out->config)
        return members_fail(m, NULL, err, "an image has no 'Config'");
    return out->layers.n <= NVB_LAYERS_MAX ||
           members_fail(m, members_get(m, "Layers"), err, "%zu layers; at most %d are taken",
                        out->layers.n, NVB_LAYERS_MAX);
}

bool nvb_saved_list_parse(const char *text,
                          size_t len,
                          const char *name,
                          struct nvb_saved_list *out,
                          struct nvb_err *err)
{
    nvb_auto_doc doc = { 0 };
    nvb_auto_saved_list list = { 0 };
    const struct members whole = { .object = &doc, .name = name };

    if (!nvb_doc_parse_json(text, len, name, &doc, err))
        return false;
    if (doc.type != NVB_DOC_ARRAY)
        return members_fail(&whole, NULL, err, "this is %s, not a list",
                            nvb_doc_type_name(doc.type));
    if (doc.n > IMAGES_MAX)
        return members_fail(&whole, NULL, err, "%zu images; at most %d are taken", doc.n,
                            IMAGES_MAX);
    list.items = nvb_xcalloc(doc.n + 1, sizeof(*list.items));
    for (size_t i = 0; i < doc.n; i++) {
        const struct members m = { .object = &doc.entries[i].value, .name = name };

        list.n = i + 1;
        if (!read_one(&m, &list.items[i], err))
            return false;
    }
    *out = list;
    list = (struct nvb_saved_list){ 0 };
    return true;
}
