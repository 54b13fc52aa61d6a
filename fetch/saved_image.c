/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "saved_image.h"

#include <string.h>

#include "image/compose.h"
#include "image/saved_list.h"

#define INDEX "index.json"
#define LIST  "manifest.json"

enum {
    NESTED_MAX = 4, /* indexes in indexes */
    QUOTE_MAX = 400,
};

void saved_image_clear(struct saved_image *image)
{
    free(image->manifest);
    free(image->config);
    nvb_strv_clear(&image->layers);
    *image = (struct saved_image){ 0 };
}

bool saved_image_is_one(const struct layout *layout)
{
    return (layout_has(layout, "oci-layout") && layout_has(layout, INDEX)) ||
           layout_has(layout, LIST);
}

static char *dup_blob_name(const char *digest)
{
    return nvb_xasprintf("blobs/sha256/%s", nvb_digest_hex(digest));
}

static bool read_blob(const struct layout *layout,
                      const char *digest,
                      char **out_text,
                      size_t *out_len,
                      struct nvb_err *err)
{
    nvb_autofree char *name = dup_blob_name(digest);
    nvb_autofree char *text = NULL;
    char got[NVB_DIGEST_SIZE];

    if (!layout_read(layout, name, NVB_MANIFEST_MAX, &text, out_len, err))
        return false;
    nvb_digest_of(text, *out_len, got);
    if (strcmp(got, digest) != 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is not what its name says", name);
    *out_text = nvb_steal(&text);
    return true;
}

/* The different names in an index, joined; NULL when it has fewer than two. */
static char *dup_names(const struct nvb_manifest *index)
{
    nvb_auto_strv names = { 0 };

    for (size_t i = 0; i < index->n_manifests; i++) {
        const char *name = index->manifests[i].name;

        if (name && !nvb_strv_has(&names, name))
            nvb_strv_add(&names, name);
    }
    return names.n > 1 ? nvb_strv_join(&names, ", ") : NULL;
}

static bool fail_several(const char *names, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "it holds several images");
    return nvb_hint(err, "choose one with --ref: %.*s", QUOTE_MAX, names);
}

static bool choose_named(const struct nvb_manifest *index,
                         const struct saved_wish *wish,
                         const struct nvb_descriptor **out,
                         struct nvb_err *err)
{
    for (size_t i = 0; i < index->n_manifests; i++) {
        const struct nvb_descriptor *d = &index->manifests[i];

        if (d->name && strcmp(d->name, wish->ref) == 0) {
            *out = d;
            return true;
        }
    }
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "it holds no image named '%s'", wish->ref);
}

static bool choose_first(const struct nvb_manifest *index,
                         const struct saved_wish *wish,
                         const struct nvb_descriptor **out,
                         struct nvb_err *err)
{
    nvb_autofree char *names = dup_names(index);

    if (wish->ref)
        return choose_named(index, wish, out, err);
    if (names)
        return fail_several(names, err);
    if (index->n_manifests == 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "it holds no image");
    if (index->n_manifests == 1) {
        *out = &index->manifests[0];
        return true;
    }
    return nvb_manifest_choose(index, &wish->platform, out, err);
}

/* From index.json down to a manifest. */
static bool find_manifest(const struct layout *layout,
                          const struct saved_wish *wish,
                          struct nvb_manifest **out_manifest,
                          struct saved_image *out,
                          struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_autofree char *name = nvb_xstrdup(INDEX);
    size_t len = 0;

    if (!layout_read(layout, INDEX, NVB_MANIFEST_MAX, &text, &len, err))
        return false;
    for (int i = 0; i < NESTED_MAX; i++) {
        nvb_autoptr(nvb_manifest) manifest = NULL;
        const struct nvb_descriptor *d = NULL;

        if (!nvb_manifest_parse(text, len, name, &manifest, err))
            return false;
        if (manifest->kind == NVB_MANIFEST_IMAGE) {
            out->manifest = nvb_steal(&text);
            out->manifest_len = len;
            *out_manifest = nvb_steal(&manifest);
            return true;
        }
        if (i == 0 ? !choose_first(manifest, wish, &d, err)
                   : !nvb_manifest_choose(manifest, &wish->platform, &d, err))
            return false;
        free(name);
        name = dup_blob_name(d->digest);
        free(text);
        text = NULL;
        if (!read_blob(layout, d->digest, &text, &len, err))
            return false;
    }
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "its indexes lead to indexes only");
}

static bool find_oci(const struct layout *layout,
                     const struct saved_wish *wish,
                     struct saved_image *out,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_manifest) manifest = NULL;

    if (!find_manifest(layout, wish, &manifest, out, err) ||
        !read_blob(layout, manifest->config.digest, &out->config, &out->config_len, err))
        return false;
    for (size_t i = 0; i < manifest->n_layers; i++)
        nvb_strv_take(&out->layers, dup_blob_name(manifest->layers[i].digest));
    return true;
}

static const struct nvb_saved *
choose_saved(const struct nvb_saved_list *list, const struct saved_wish *wish, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    nvb_autofree char *all = NULL;

    for (size_t i = 0; i < list->n; i++) {
        if (wish->ref && nvb_strv_has(&list->items[i].tags, wish->ref))
            return &list->items[i];
        nvb_strv_copy(&names, &list->items[i].tags);
    }
    if (!wish->ref && list->n == 1)
        return &list->items[0];
    if (wish->ref) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "it holds no image named '%s'", wish->ref);
    } else if (list->n == 0) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "it holds no image");
    } else {
        all = nvb_strv_join(&names, ", ");
        fail_several(all, err);
    }
    return NULL;
}

/* Layers in such an archive are plain or packed as whoever wrote it liked; in the manifest they are
 * plain, and called by the digests that the configuration has for them. */
static bool compose(const struct layout *layout,
                    const struct nvb_image_config *config,
                    struct saved_image *out,
                    struct nvb_err *err)
{
    struct nvb_descriptor of_config = { .size_bytes = out->config_len };
    nvb_autofree struct nvb_descriptor *layers = nvb_xcalloc(out->layers.n + 1, sizeof(*layers));

    if (config->diff_ids.n != out->layers.n)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "it has %zu layers, its configuration speaks of %zu", out->layers.n,
                        config->diff_ids.n);
    nvb_digest_of(out->config, out->config_len, of_config.digest);
    for (size_t i = 0; i < out->layers.n; i++) {
        nvb_autoptr(layout_file) file = NULL;

        if (!layout_open_file(layout, out->layers.items[i], &file, err))
            return false;
        memcpy(layers[i].digest, config->diff_ids.items[i], NVB_DIGEST_SIZE);
        layers[i].size_bytes = layout_file_size(file);
    }
    out->manifest = nvb_compose_dup_manifest(&of_config, layers, out->layers.n);
    out->manifest_len = strlen(out->manifest);
    out->is_loose = true;
    return true;
}

static bool find_docker(const struct layout *layout,
                        const struct saved_wish *wish,
                        struct saved_image *out,
                        struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_auto_saved_list list = { 0 };
    const struct nvb_saved *saved = NULL;
    nvb_autoptr(nvb_image_config) config = NULL;
    size_t len = 0;

    if (!layout_read(layout, LIST, NVB_MANIFEST_MAX, &text, &len, err) ||
        !nvb_saved_list_parse(text, len, LIST, &list, err))
        return false;
    saved = choose_saved(&list, wish, err);
    if (!saved ||
        !layout_read(layout, saved->config, NVB_MANIFEST_MAX, &out->config, &out->config_len,
                     err) ||
        !nvb_image_config_parse(out->config, out->config_len, saved->config, &config, err))
        return false;
    nvb_strv_copy(&out->layers, &saved->layers);
    return compose(layout, config, out, err);
}

/* docker's newer archives are both: their OCI side has the manifest as it was pushed, the other one
 * the full names. */
bool saved_image_find(const struct layout *layout,
                      const struct saved_wish *wish,
                      struct saved_image *out,
                      struct nvb_err *err)
{
    auto_saved_image image = { 0 };
    bool is_oci = layout_has(layout, "oci-layout") && layout_has(layout, INDEX);
    bool has_list = layout_has(layout, LIST);
    nvb_auto_err first = { 0 };
    bool ok = is_oci && find_oci(layout, wish, &image, has_list ? &first : err);

    if (!ok && has_list) {
        saved_image_clear(&image);
        ok = find_docker(layout, wish, &image, err);
    }
    if (!ok)
        return err->n_lines > 0 ? false
                                : nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "it holds no image");
    *out = image;
    image = (struct saved_image){ 0 };
    return true;
}
