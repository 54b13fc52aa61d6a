/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "pull_texts.h"

#include <string.h>

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker.distribution.manifest."

enum {
    INDEX_DEPTH_MAX = 3,
};

/* Indexes first: a registry that has both then gives that. */
static const char accepted[] =
    OCI "index.v1+json, " DOCKER "list.v2+json, " OCI "manifest.v1+json, " DOCKER "v2+json";

struct search {
    const struct pull_wish *wish;
    struct registry *registry;
    struct http *http;
    const struct nvb_store *store;
    const char *told_type; /* of the text that came last, until the next request; NULL = none */
};

static bool read_stored(const struct search *s, const char *digest, struct nvb_buf *out)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err damaged = { 0 }; /* then it comes anew */
    size_t len = 0;

    if (!nvb_store_has_blob(s->store, digest) ||
        !nvb_store_read_blob(s->store, digest, &text, &len, &damaged))
        return false;
    nvb_buf_add(out, text, len);
    return true;
}

/* Both of a header and a text, when they differ, could be meant: for one reader it would be another
 * image than for the next. */
static bool
check_type(const struct search *s, const struct nvb_manifest *manifest, struct nvb_err *err)
{
    const char *told = s->told_type;

    if (told && strcmp(told, "text/html") == 0) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' answers with a web page",
                 s->wish->reference->registry);
        return nvb_hint(err, "is it a registry, or does a login page stand in between?");
    }
    if (!manifest || !told || !manifest->media_type || strcmp(told, manifest->media_type) == 0 ||
        !nvb_has_prefix(told, "application/vnd."))
        return true;
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                    "the manifest of '%s' is sent as another kind of document than it says to be",
                    s->wish->familiar);
}

static bool check_digest(const struct search *s,
                         const struct nvb_buf *text,
                         const char *want,
                         struct nvb_err *err)
{
    char digest[NVB_DIGEST_SIZE];

    nvb_digest_of(text->data, text->len, digest);
    if (!want || strcmp(digest, want) == 0)
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' sends %s, which is not %s",
             s->wish->reference->registry, digest, want);
    return nvb_hint(err, "the registry, a mirror or a proxy is broken; nothing was stored");
}

/* Of whatever names it: an index, a manifest. */
static bool check_size(const struct search *s,
                       const struct nvb_buf *text,
                       uint64_t declared,
                       const char *what,
                       struct nvb_err *err)
{
    if (text->len == declared)
        return true;
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "the %s of '%s' has %zu bytes instead of %llu",
                    what, s->wish->familiar, text->len, (unsigned long long)declared);
}

/* A manifest or index by tag or digest. */
static bool get_manifest(struct search *s,
                         const char *tag,
                         const char *digest,
                         struct nvb_buf *out,
                         struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("manifests/%s", digest ? digest : tag);
    const struct ask ask = { .path = path, .what = s->wish->familiar, .accept = accepted };
    const char *told = NULL;

    s->told_type = NULL;
    if (digest && read_stored(s, digest, out))
        return true;
    if (!registry_get(s->registry, s->http, &ask, NVB_MANIFEST_MAX, out, err))
        return false;
    s->told_type = http_get_reply(s->http)->content_type;
    told = http_get_reply(s->http)->digest;
    if (!check_type(s, NULL, err))
        return false;
    return check_digest(s, out,
                        digest                              ? digest
                        : told && nvb_digest_is_valid(told) ? told
                                                            : NULL,
                        err);
}

static bool get_config(const struct search *s,
                       const struct nvb_manifest *manifest,
                       struct nvb_buf *out,
                       struct nvb_err *err)
{
    const struct nvb_descriptor *config = &manifest->config;
    nvb_autofree char *path = nvb_xasprintf("blobs/%s", config->digest);
    nvb_autofree char *what = nvb_xasprintf("the configuration of %s", s->wish->familiar);
    const struct ask ask = { .path = path, .what = what };

    if (read_stored(s, config->digest, out))
        return true;
    return registry_get(s->registry, s->http, &ask, NVB_MANIFEST_MAX, out, err) &&
           check_digest(s, out, config->digest, err) &&
           check_size(s, out, config->size_bytes, "configuration", err);
}

/* Which there are is said already; what is missing here is a way to run them. */
static bool add_emulator(const struct search *s, struct nvb_err *err)
{
    nvb_autofree char *hint = err->hint;

    err->hint = NULL;
    return nvb_hint(err, "%s%sanother machine's programs run here through an emulator: %s",
                    hint ? hint : "", hint ? "; " : "", s->wish->emulator);
}

static bool choose(const struct search *s,
                   const struct nvb_manifest *index,
                   char out_digest[NVB_DIGEST_SIZE],
                   uint64_t *out_size,
                   struct nvb_err *err)
{
    const struct nvb_descriptor *chosen = NULL;

    if (!nvb_manifest_choose(index, &s->wish->platform, &chosen, err)) {
        nvb_while(err, "'%s' cannot be used on this machine", s->wish->familiar);
        return add_emulator(s, err);
    }
    memcpy(out_digest, chosen->digest, NVB_DIGEST_SIZE);
    *out_size = chosen->size_bytes;
    return true;
}

/* Through indexes, which may name indexes, to a manifest; NULL with the error set. */
static struct nvb_manifest *
find_manifest(struct search *s, struct nvb_buf *out, struct nvb_err *err)
{
    const struct nvb_reference *reference = s->wish->reference;
    char digest[NVB_DIGEST_SIZE] = "";
    uint64_t size = 0;

    if (reference->digest)
        memcpy(digest, reference->digest, sizeof(digest));
    for (unsigned depth = 0; depth < INDEX_DEPTH_MAX; depth++) {
        nvb_autoptr(nvb_manifest) manifest = NULL;

        out->len = 0;
        if (!get_manifest(s, reference->tag, *digest ? digest : NULL, out, err) ||
            (depth > 0 && !check_size(s, out, size, "manifest", err)) ||
            !nvb_manifest_parse(out->data, out->len, s->wish->familiar, &manifest, err) ||
            !check_type(s, manifest, err))
            return NULL;
        if (manifest->kind == NVB_MANIFEST_IMAGE)
            return nvb_steal(&manifest);
        if (!choose(s, manifest, digest, &size, err))
            return NULL;
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is an index of indexes of indexes",
             s->wish->familiar);
    return NULL;
}

static bool is_same_or_absent(const char *a, const char *b)
{
    return !a || !*a || strcmp(a, b) == 0;
}

/* A manifest without an index says in its configuration what it is for. */
static bool check_platform(const struct search *s, const struct nvb_buf *text, struct nvb_err *err)
{
    const struct nvb_platform *want = &s->wish->platform;
    nvb_autoptr(nvb_image_config) config = NULL;

    if (!nvb_image_config_parse(text->data, text->len, s->wish->familiar, &config, err))
        return false;
    if (is_same_or_absent(config->os, want->os) && is_same_or_absent(config->arch, want->arch))
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "it is there for %s/%s alone, not for %s/%s",
             config->os ? config->os : "linux", config->arch ? config->arch : "unknown", want->os,
             want->arch);
    nvb_while(err, "'%s' cannot be used on this machine", s->wish->familiar);
    nvb_hint(err, "--platform %s/%s gets it", config->os ? config->os : "linux",
             config->arch ? config->arch : "unknown");
    return add_emulator(s, err);
}

bool pull_texts_get(const struct pull_wish *wish,
                    struct registry *registry,
                    struct http *http,
                    const struct nvb_store *store,
                    struct pull_texts *out,
                    struct nvb_err *err)
{
    struct search search = { .wish = wish, .registry = registry, .http = http, .store = store };
    nvb_autoptr(nvb_manifest) manifest = NULL;

    manifest = find_manifest(&search, &out->manifest, err);
    if (!manifest)
        return false;
    nvb_digest_of(out->manifest.data, out->manifest.len, out->digest);
    return get_config(&search, manifest, &out->config, err) &&
           check_platform(&search, &out->config, err);
}

void pull_texts_clear(struct pull_texts *texts)
{
    nvb_buf_clear(&texts->manifest);
    nvb_buf_clear(&texts->config);
}
