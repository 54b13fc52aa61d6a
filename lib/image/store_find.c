/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "image/store_internal.h"

enum {
    PREFIX_MIN = 4, /* digits of an id that stand for all of it */
};

bool nvb_store_read_image(const struct nvb_store *store,
                          const char *digest,
                          struct nvb_image **out,
                          struct nvb_err *err)
{
    nvb_autoptr(nvb_manifest) manifest = NULL;
    nvb_autofree char *manifest_text = NULL;
    nvb_autofree char *config_text = NULL;
    nvb_autofree char *name = nvb_xasprintf("image %.12s", nvb_digest_hex(digest));
    size_t manifest_len = 0;
    size_t config_len = 0;

    return nvb_store_read_blob(store, digest, &manifest_text, &manifest_len, err) &&
           nvb_manifest_parse(manifest_text, manifest_len, name, &manifest, err) &&
           (manifest->kind == NVB_MANIFEST_IMAGE ||
            nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s is an index, not an image", name)) &&
           nvb_store_read_blob(store, manifest->config.digest, &config_text, &config_len, err) &&
           nvb_image_parse(manifest_text, manifest_len, config_text, config_len, name, out, err);
}

bool nvb_store_check_layers(const struct nvb_store *store,
                            const struct nvb_image *image,
                            struct nvb_err *err)
{
    for (size_t i = 0; i < image->chain_ids.n; i++) {
        if (nvb_store_has_layer(store, image->chain_ids.items[i]))
            continue;
        nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "layer %zu of %zu is not in the store", i + 1,
                 image->chain_ids.n);
        return nvb_hint(err, "pull or import the image again: this one was lost before it was "
                             "brought to the disk");
    }
    return true;
}

/* By its digest alone, whatever the name before it says: the content is the same. */
static bool find_digest(const struct nvb_store *store,
                        const char *digest,
                        char out_digest[NVB_DIGEST_SIZE],
                        struct nvb_err *err)
{
    if (!nvb_store_has_blob(store, digest))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image '%s'", digest);
    memcpy(out_digest, digest, NVB_DIGEST_SIZE);
    return true;
}

/* Small hexadecimal digits only; NULL for what cannot be an id. */
static const char *id_prefix(const char *text)
{
    const char *hex = nvb_has_prefix(text, "sha256:") ? text + strlen("sha256:") : text;
    size_t len = strlen(hex);

    return len >= PREFIX_MIN && len <= NVB_DIGEST_HEX && strspn(hex, "0123456789abcdef") == len
               ? hex
               : NULL;
}

static bool has_id(const struct nvb_store *store, const char *digest, const char *prefix)
{
    nvb_autoptr(nvb_image) image = NULL;
    nvb_auto_err ignored = { 0 };

    return nvb_has_prefix(nvb_digest_hex(digest), prefix) ||
           (nvb_store_read_image(store, digest, &image, &ignored) &&
            nvb_has_prefix(nvb_digest_hex(image->manifest->config.digest), prefix));
}

/* NVB_E_NOT_FOUND when no name leads to such an image. */
static bool find_id(const struct nvb_store *store,
                    const char *prefix,
                    char out_digest[NVB_DIGEST_SIZE],
                    struct nvb_err *err)
{
    nvb_auto_refs refs = { 0 };
    const char *found = NULL;

    if (!nvb_store_list_refs(store, &refs, err))
        return false;
    for (size_t i = 0; i < refs.n; i++) {
        const char *digest = refs.items[i].digest;

        if ((found && strcmp(found, digest) == 0) || !has_id(store, digest, prefix))
            continue;
        if (found) {
            nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "several images begin with '%s'", prefix);
            return nvb_hint(err, "give more digits, or a name: nvbind images");
        }
        found = digest;
    }
    if (!found)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image '%s'", prefix);
    memcpy(out_digest, found, NVB_DIGEST_SIZE);
    return true;
}

static bool find_name(const struct nvb_store *store,
                      const struct nvb_reference *name,
                      char out_digest[NVB_DIGEST_SIZE],
                      struct nvb_err *err)
{
    struct nvb_store_ref ref = { 0 };

    if (name->digest)
        return find_digest(store, name->digest, out_digest, err);
    if (!nvb_store_get_ref(store, name, &ref, err))
        return false;
    memcpy(out_digest, ref.digest, NVB_DIGEST_SIZE);
    free(ref.name);
    return true;
}

/* NVB_E_NOT_FOUND when it is no name, or one that nothing has. */
static bool find_text(const struct nvb_store *store,
                      const char *text,
                      char out_digest[NVB_DIGEST_SIZE],
                      struct nvb_err *err)
{
    nvb_auto_reference name = { 0 };
    nvb_autofree char *familiar = NULL;
    nvb_auto_err absent = { 0 };

    if (!nvb_reference_parse(text, &name, err))
        return false;
    if (find_name(store, &name, out_digest, &absent))
        return true;
    if (absent.kind != NVB_E_NOT_FOUND) {
        *err = absent;
        absent = (struct nvb_err){ 0 };
        return false;
    }
    familiar = nvb_reference_dup_familiar(&name);
    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image '%s'", familiar);
    return nvb_hint(err, "get it with: nvbind pull %s", familiar);
}

/* What looks like an id may still be a name, which then has precedence; "sha256:..." looks like a
 * name with a tag and never is one. */
bool nvb_store_find(const struct nvb_store *store,
                    const char *name_or_id,
                    char out_digest[NVB_DIGEST_SIZE],
                    struct nvb_err *err)
{
    const char *prefix = id_prefix(name_or_id);
    bool is_name = !nvb_has_prefix(name_or_id, "sha256:");
    nvb_auto_err ignored = { 0 };

    if (!prefix)
        return find_text(store, name_or_id, out_digest, err);
    return (is_name && find_text(store, name_or_id, out_digest, &ignored)) ||
           find_id(store, prefix, out_digest, err);
}
