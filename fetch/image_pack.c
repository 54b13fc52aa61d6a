/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image_pack.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "image/compose.h"
#include "tar_file.h"
#include "tree_pack.h"

/* What is made of an image before the first byte goes out. */
struct parts {
    struct nvb_descriptor *layers; /* owned; repacked, lowest first */
    size_t n_layers;
    char *config; /* owned, as the manifest */
    struct nvb_descriptor of_config;
    char *manifest;
    struct nvb_descriptor of_manifest;
};

static void parts_clear(struct parts *p)
{
    free(p->layers);
    free(p->config);
    free(p->manifest);
}

static void describe(const char *text, struct nvb_descriptor *out)
{
    *out = (struct nvb_descriptor){ .size_bytes = strlen(text) };
    nvb_digest_of(text, strlen(text), out->digest);
}

static bool
pack_layer(const struct image_pack *pack, size_t i, const struct tar_out *out, struct nvb_err *err)
{
    const struct tree_pack_options options = { .is_layer = true, .name = "the layer" };
    nvb_autoclose int layer_fd =
        nvb_store_open_layer(pack->store, pack->image->chain_ids.items[i], err);
    nvb_autoclose int fd = -1;

    if (layer_fd < 0)
        return false;
    fd = openat(layer_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read layer %zu", i);
    return tree_pack(fd, &options, out, err);
}

/* Its digest and size; with `next` its bytes, too. */
static bool measure_layer(const struct image_pack *pack,
                          size_t i,
                          const struct tar_out *next,
                          struct nvb_descriptor *out,
                          struct nvb_err *err)
{
    nvb_autoptr(hash) hash = hash_new();
    struct tar_tally tally = { .hash = hash, .next = next };
    const struct tar_out to = tar_tally_out(&tally);

    if (!pack_layer(pack, i, &to, err))
        return false;
    *out = (struct nvb_descriptor){ .size_bytes = tally.n_bytes };
    hash_end(hash, out->digest);
    return true;
}

/* The configuration with the digests of the layers as they are packed now, else as it was. */
static bool
make_config(const struct image_pack *pack, const struct parts *p, char **out, struct nvb_err *err)
{
    const struct nvb_strv *before = &pack->image->config->diff_ids;
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_strv now = { 0 };
    bool is_same = true;
    size_t len = 0;

    for (size_t i = 0; i < p->n_layers; i++) {
        nvb_strv_add(&now, p->layers[i].digest);
        is_same = is_same && strcmp(p->layers[i].digest, before->items[i]) == 0;
    }
    if (!nvb_store_read_blob(pack->store, pack->image->manifest->config.digest, &text, &len, err))
        return false;
    if (is_same) {
        *out = nvb_steal(&text);
        return true;
    }
    if (!nvb_json_parse(text, len, "the configuration", &json, err))
        return false;
    nvb_json_set(nvb_json_get(json, "rootfs"), "diff_ids", nvb_json_new_strv(&now));
    *out = nvb_json_dup_text(json, false);
    return true;
}

static bool make_parts(const struct image_pack *pack, struct parts *p, struct nvb_err *err)
{
    p->n_layers = pack->image->chain_ids.n;
    p->layers = nvb_xcalloc(p->n_layers + 1, sizeof(*p->layers));
    for (size_t i = 0; i < p->n_layers; i++) {
        if (!measure_layer(pack, i, NULL, &p->layers[i], err))
            return false;
    }
    if (!make_config(pack, p, &p->config, err))
        return false;
    describe(p->config, &p->of_config);
    p->manifest = nvb_compose_dup_manifest(&p->of_config, p->layers, p->n_layers);
    describe(p->manifest, &p->of_manifest);
    return true;
}

/* As containerd, docker and podman note the names. */
static char *dup_index(const struct image_pack *pack, const struct parts *p)
{
    nvb_autoptr(nvb_json) index = nvb_json_new_object();
    struct nvb_json *list = nvb_json_new_array();
    struct nvb_json *row = nvb_json_new_object();

    nvb_json_set_u64(index, "schemaVersion", 2);
    nvb_json_set_str(index, "mediaType", "application/vnd.oci.image.index.v1+json");
    nvb_json_set_str(row, "mediaType", "application/vnd.oci.image.manifest.v1+json");
    nvb_json_set_str(row, "digest", p->of_manifest.digest);
    nvb_json_set_u64(row, "size", p->of_manifest.size_bytes);
    if (pack->name && pack->name->tag) {
        struct nvb_json *notes = nvb_json_new_object();
        nvb_autofree char *whole = nvb_reference_dup_text(pack->name);

        nvb_json_set_str(notes, "io.containerd.image.name", whole);
        nvb_json_set_str(notes, "org.opencontainers.image.ref.name", pack->name->tag);
        nvb_json_set(row, "annotations", notes);
    }
    nvb_json_append(list, row);
    nvb_json_set(index, "manifests", list);
    return nvb_json_dup_text(index, false);
}

static char *dup_blob_name(const char *digest)
{
    return nvb_xasprintf("blobs/sha256/%s", nvb_digest_hex(digest));
}

static char *dup_list(const struct image_pack *pack, const struct parts *p)
{
    nvb_autoptr(nvb_json) list = nvb_json_new_array();
    struct nvb_json *row = nvb_json_new_object();
    nvb_autofree char *config = dup_blob_name(p->of_config.digest);
    nvb_auto_strv tags = { 0 };
    nvb_auto_strv layers = { 0 };

    if (pack->name && pack->name->tag)
        nvb_strv_take(&tags, nvb_reference_dup_familiar(pack->name));
    for (size_t i = 0; i < p->n_layers; i++)
        nvb_strv_take(&layers, dup_blob_name(p->layers[i].digest));
    nvb_json_set_str(row, "Config", config);
    nvb_json_set(row, "RepoTags", nvb_json_new_strv(&tags));
    nvb_json_set(row, "Layers", nvb_json_new_strv(&layers));
    nvb_json_append(list, row);
    return nvb_json_dup_text(list, false);
}

static bool add_directory(const struct tar_out *out, const char *name, struct nvb_err *err)
{
    const struct tar_header h = { .type = '5', .name = name, .mode = 0755 };

    return tar_write_header(out, &h, err);
}

static bool
add_header(const struct tar_out *out, const char *name, uint64_t size, struct nvb_err *err)
{
    const struct tar_header h = { .type = '0', .name = name, .mode = 0644, .size_bytes = size };

    return tar_write_header(out, &h, err);
}

static bool
add_text(const struct tar_out *out, const char *name, const char *text, struct nvb_err *err)
{
    return add_header(out, name, strlen(text), err) &&
           out->write(out->data, text, strlen(text), err) &&
           tar_write_padding(out, strlen(text), err);
}

/* A layer that stands twice in the image is there once. */
static bool is_repeated(const struct parts *p, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(p->layers[j].digest, p->layers[i].digest) == 0)
            return true;
    }
    return false;
}

static bool add_layer(const struct image_pack *pack,
                      const struct parts *p,
                      size_t i,
                      const struct tar_out *out,
                      struct nvb_err *err)
{
    nvb_autofree char *name = dup_blob_name(p->layers[i].digest);
    struct nvb_descriptor now;

    if (is_repeated(p, i))
        return true;
    if (!add_header(out, name, p->layers[i].size_bytes, err) ||
        !measure_layer(pack, i, out, &now, err))
        return false;
    if (strcmp(now.digest, p->layers[i].digest) != 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "layer %zu changed while it was packed",
                        i);
    return tar_write_padding(out, now.size_bytes, err);
}

static bool add_all(const struct image_pack *pack,
                    const struct parts *p,
                    const struct tar_out *out,
                    struct nvb_err *err)
{
    nvb_autofree char *index = dup_index(pack, p);
    nvb_autofree char *list = dup_list(pack, p);
    nvb_autofree char *config = dup_blob_name(p->of_config.digest);
    nvb_autofree char *manifest = dup_blob_name(p->of_manifest.digest);

    if (!add_text(out, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}\n", err) ||
        !add_text(out, "index.json", index, err) ||
        (pack->is_docker && !add_text(out, "manifest.json", list, err)) ||
        !add_directory(out, "blobs/", err) || !add_directory(out, "blobs/sha256/", err) ||
        !add_text(out, manifest, p->manifest, err) || !add_text(out, config, p->config, err))
        return false;
    for (size_t i = 0; i < p->n_layers; i++) {
        if (!add_layer(pack, p, i, out, err))
            return false;
    }
    return tar_write_end(out, err);
}

bool image_pack(const struct image_pack *pack, const struct tar_out *out, struct nvb_err *err)
{
    struct parts parts = { 0 };
    bool ok = make_parts(pack, &parts, err) && add_all(pack, &parts, out, err);

    parts_clear(&parts);
    return ok;
}
