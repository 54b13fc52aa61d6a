/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/image.h"

#include <string.h>

#include "image/members.h"

enum {
    QUOTE_MAX = 80,
    WORDS_MAX = 10000, /* variables, arguments, labels: each list */
};

void nvb_image_config_free(struct nvb_image_config *config)
{
    if (!config)
        return;
    free(config->os);
    free(config->arch);
    free(config->variant);
    free(config->created);
    free(config->author);
    free(config->user);
    free(config->working_dir);
    free(config->stop_signal);
    nvb_strv_clear(&config->env);
    nvb_strv_clear(&config->entrypoint);
    nvb_strv_clear(&config->cmd);
    nvb_strv_clear(&config->volumes);
    nvb_strv_clear(&config->exposed_ports);
    nvb_strv_clear(&config->labels);
    nvb_strv_clear(&config->diff_ids);
    nvb_strv_clear(&config->health.test);
    free(config);
}

/* Text that is empty says as little as none. */
static bool read_word(const struct members *m, const char *key, char **out, struct nvb_err *err)
{
    if (!members_text(m, key, out, err))
        return false;
    if (*out && !**out) {
        free(*out);
        *out = NULL;
    }
    return true;
}

static bool
read_words(const struct members *m, const char *key, struct nvb_strv *out, struct nvb_err *err)
{
    return members_texts(m, key, out, err) &&
           (out->n <= WORDS_MAX ||
            members_fail(m, members_get(m, key), err, "'%s' has %zu entries", key, out->n));
}

/* Docker leaves out what has no "=", too. */
static bool read_env(const struct members *m, struct nvb_strv *out, struct nvb_err *err)
{
    nvb_auto_strv all = { 0 };

    if (!read_words(m, "Env", &all, err))
        return false;
    for (size_t i = 0; i < all.n; i++) {
        const char *equals = strchr(all.items[i], '=');

        if (equals && equals != all.items[i])
            nvb_strv_add(out, all.items[i]);
    }
    return true;
}

static bool read_working_dir(const struct members *m, char **out, struct nvb_err *err)
{
    nvb_autofree char *dir = NULL;

    if (!read_word(m, "WorkingDir", &dir, err))
        return false;
    if (dir)
        *out = nvb_xasprintf("%s%s", *dir == '/' ? "" : "/", dir);
    return true;
}

static bool read_volumes(const struct members *m, struct nvb_strv *out, struct nvb_err *err)
{
    nvb_auto_strv all = { 0 };

    if (!members_keys(m, "Volumes", &all, err))
        return false;
    for (size_t i = 0; i < all.n; i++) {
        if (*all.items[i] != '/')
            return members_fail(m, members_get(m, "Volumes"), err,
                                "volume '%.*s' is not an absolute path", QUOTE_MAX, all.items[i]);
        nvb_strv_add(out, all.items[i]);
    }
    return true;
}

/* "80", "80/tcp", "5000-5010/udp" */
static bool is_port(const char *text)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    char *protocol = copy;
    char *last = strsep(&protocol, "/");
    const char *first = strsep(&last, "-");
    uint64_t a = 0;
    uint64_t b = 0;

    return nvb_parse_u64(first, UINT16_MAX, &a) && a > 0 &&
           (!last || (nvb_parse_u64(last, UINT16_MAX, &b) && a <= b)) &&
           (!protocol || strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0 ||
            strcmp(protocol, "sctp") == 0);
}

static bool read_ports(const struct members *m, struct nvb_strv *out, struct nvb_err *err)
{
    nvb_auto_strv all = { 0 };

    if (!members_keys(m, "ExposedPorts", &all, err))
        return false;
    for (size_t i = 0; i < all.n; i++) {
        if (!is_port(all.items[i]))
            return members_fail(m, members_get(m, "ExposedPorts"), err, "'%.*s' is no port",
                                QUOTE_MAX, all.items[i]);
        nvb_strv_addf(out, "%s%s", all.items[i], strchr(all.items[i], '/') ? "" : "/tcp");
    }
    return true;
}

static bool read_labels(const struct members *m, struct nvb_strv *out, struct nvb_err *err)
{
    struct members labels = { .name = m->name };

    if (!members_object(m, "Labels", &labels, err))
        return false;
    for (size_t i = 0; labels.object && i < labels.object->n; i++) {
        const struct nvb_doc_entry *e = &labels.object->entries[i];

        if (e->value.type != NVB_DOC_TEXT)
            return members_fail(m, &e->value, err, "label '%.*s' is %s, not text", QUOTE_MAX,
                                e->key, nvb_doc_type_name(e->value.type));
        nvb_strv_addf(out, "%s=%s", e->key, e->value.text);
    }
    return true;
}

static bool read_health(const struct members *m, struct nvb_health *out, struct nvb_err *err)
{
    struct members health = { .name = m->name };

    return members_object(m, "Healthcheck", &health, err) &&
           read_words(&health, "Test", &out->test, err) &&
           members_u64(&health, "Interval", &out->interval_ns, err) &&
           members_u64(&health, "Timeout", &out->timeout_ns, err) &&
           members_u64(&health, "StartPeriod", &out->start_period_ns, err) &&
           members_u64(&health, "Retries", &out->retries, err);
}

static bool read_diff_ids(const struct members *m, struct nvb_strv *out, struct nvb_err *err)
{
    struct members rootfs = { .name = m->name };

    if (!members_object(m, "rootfs", &rootfs, err) || !members_texts(&rootfs, "diff_ids", out, err))
        return false;
    for (size_t i = 0; i < out->n; i++) {
        nvb_autofree char *what = nvb_xasprintf("%s: the digest of layer %zu", m->name, i + 1);

        if (!nvb_digest_check(out->items[i], what, err))
            return false;
    }
    return true;
}

static bool read_config(const struct members *m, struct nvb_image_config *out, struct nvb_err *err)
{
    struct members inner = { .name = m->name };

    return read_word(m, "os", &out->os, err) && read_word(m, "architecture", &out->arch, err) &&
           read_word(m, "variant", &out->variant, err) &&
           read_word(m, "created", &out->created, err) &&
           read_word(m, "author", &out->author, err) && read_diff_ids(m, &out->diff_ids, err) &&
           members_object(m, "config", &inner, err) && read_env(&inner, &out->env, err) &&
           read_words(&inner, "Entrypoint", &out->entrypoint, err) &&
           read_words(&inner, "Cmd", &out->cmd, err) &&
           read_word(&inner, "User", &out->user, err) &&
           read_working_dir(&inner, &out->working_dir, err) &&
           read_word(&inner, "StopSignal", &out->stop_signal, err) &&
           read_volumes(&inner, &out->volumes, err) &&
           read_ports(&inner, &out->exposed_ports, err) && read_labels(&inner, &out->labels, err) &&
           read_health(&inner, &out->health, err);
}

bool nvb_image_config_parse(const char *text,
                            size_t len,
                            const char *name,
                            struct nvb_image_config **out,
                            struct nvb_err *err)
{
    nvb_autoptr(nvb_image_config) config = nvb_xcalloc(1, sizeof(*config));
    nvb_auto_doc doc = { 0 };
    struct members m = { .object = &doc, .name = name };

    if (len > NVB_MANIFEST_MAX)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s is larger than %d bytes", name,
                        NVB_MANIFEST_MAX);
    if (!members_parse(text, len, name, &doc, err) || !read_config(&m, config, err))
        return false;
    *out = nvb_steal(&config);
    return true;
}

void nvb_image_free(struct nvb_image *image)
{
    if (!image)
        return;
    nvb_manifest_free(image->manifest);
    nvb_image_config_free(image->config);
    nvb_strv_clear(&image->chain_ids);
    free(image);
}

/* Registries keep charts, signatures and models too: manifests whose configuration is none. */
static bool check_types(const struct nvb_manifest *manifest, const char *name, struct nvb_err *err)
{
    static const char *const known[] = {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
        "application/octet-stream",
    };
    const char *type = manifest->config.media_type ? manifest->config.media_type : known[0];
    bool is_known = false;

    if (manifest->kind != NVB_MANIFEST_IMAGE)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s is an index, not an image", name);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        is_known = is_known || strcmp(type, known[i]) == 0;
    if (!is_known)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED,
                        "%s is no image of a container but an artifact of type '%.*s'", name,
                        QUOTE_MAX, type);
    for (size_t i = 0; i < manifest->n_layers; i++) {
        const char *layer = manifest->layers[i].media_type;

        if (layer && nvb_has_suffix(layer, "+encrypted"))
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "layer %zu of %s is encrypted",
                            i + 1, name);
    }
    return true;
}

static bool check_fit(const struct nvb_image *image,
                      const char *config_text,
                      size_t config_len,
                      const char *name,
                      struct nvb_err *err)
{
    char digest[NVB_DIGEST_SIZE];

    nvb_digest_of(config_text, config_len, digest);
    if (strcmp(digest, image->manifest->config.digest) != 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "the configuration of %s is not the one its manifest names", name);
    if (image->config->diff_ids.n != image->manifest->n_layers)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "%s has %zu layers, its configuration speaks of %zu", name,
                        image->manifest->n_layers, image->config->diff_ids.n);
    return true;
}

static void chain(struct nvb_image *image)
{
    char id[NVB_DIGEST_SIZE];

    for (size_t i = 0; i < image->config->diff_ids.n; i++) {
        nvb_digest_chain(i > 0 ? id : NULL, image->config->diff_ids.items[i], id);
        nvb_strv_add(&image->chain_ids, id);
    }
}

bool nvb_image_parse(const char *manifest_text,
                     size_t manifest_len,
                     const char *config_text,
                     size_t config_len,
                     const char *name,
                     struct nvb_image **out,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_image) image = nvb_xcalloc(1, sizeof(*image));
    nvb_autofree char *manifest_name = nvb_xasprintf("the manifest of %s", name);
    nvb_autofree char *config_name = nvb_xasprintf("the configuration of %s", name);

    if (!nvb_manifest_parse(manifest_text, manifest_len, manifest_name, &image->manifest, err) ||
        !check_types(image->manifest, name, err) ||
        !nvb_image_config_parse(config_text, config_len, config_name, &image->config, err) ||
        !check_fit(image, config_text, config_len, name, err))
        return false;
    nvb_digest_of(manifest_text, manifest_len, image->digest);
    chain(image);
    *out = nvb_steal(&image);
    return true;
}
