/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/manifest.h"

#include <string.h>
#include <sys/utsname.h>

#include "image/members.h"

enum {
    MANIFESTS_MAX = 1000,
    QUOTE_MAX = 80,
};

static void descriptor_clear(struct nvb_descriptor *d)
{
    free(d->media_type);
    free(d->os);
    free(d->arch);
    free(d->variant);
    free(d->name);
}

void nvb_manifest_free(struct nvb_manifest *manifest)
{
    if (!manifest)
        return;
    descriptor_clear(&manifest->config);
    for (size_t i = 0; i < manifest->n_layers; i++)
        descriptor_clear(&manifest->layers[i]);
    for (size_t i = 0; i < manifest->n_manifests; i++)
        descriptor_clear(&manifest->manifests[i]);
    free(manifest->layers);
    free(manifest->manifests);
    free(manifest->media_type);
    free(manifest);
}

static bool read_digest(const struct members *m,
                        const char *what,
                        char out[NVB_DIGEST_SIZE],
                        struct nvb_err *err)
{
    nvb_autofree char *digest = NULL;
    nvb_autofree char *subject =
        nvb_xasprintf("%s:%u: the digest of %s", m->name, m->object ? m->object->line : 1, what);

    if (!members_text(m, "digest", &digest, err))
        return false;
    if (!digest)
        return members_fail(m, NULL, err, "%s has no 'digest'", what);
    if (!nvb_digest_check(digest, subject, err))
        return false;
    memcpy(out, digest, NVB_DIGEST_SIZE);
    return true;
}

/* `what` is how complaints call it: "layer 3". */
static bool read_descriptor(const struct members *m,
                            const char *what,
                            struct nvb_descriptor *out,
                            struct nvb_err *err)
{
    struct members platform = { .name = m->name };
    struct members notes = { .name = m->name };

    if (!m->object)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s: there is no '%s'", m->name, what);
    if (m->object->type != NVB_DOC_OBJECT)
        return members_fail(m, NULL, err, "%s is %s, not an object", what,
                            nvb_doc_type_name(m->object->type));
    if (!members_get(m, "size"))
        return members_fail(m, NULL, err, "%s has no 'size'", what);
    return read_digest(m, what, out->digest, err) &&
           members_u64(m, "size", &out->size_bytes, err) &&
           members_text(m, "mediaType", &out->media_type, err) &&
           members_object(m, "platform", &platform, err) &&
           members_text(&platform, "os", &out->os, err) &&
           members_text(&platform, "architecture", &out->arch, err) &&
           members_text(&platform, "variant", &out->variant, err) &&
           members_object(m, "annotations", &notes, err) &&
           members_text(&notes, "org.opencontainers.image.ref.name", &out->name, err);
}

/* *out_n counts those that were read, so that free finds them after an error too. */
static bool read_descriptors(const struct members *m,
                             const struct nvb_doc *array,
                             const char *kind,
                             size_t max,
                             struct nvb_descriptor **out,
                             size_t *out_n,
                             struct nvb_err *err)
{
    if (array->n > max)
        return members_fail(m, array, err, "%zu entries of kind '%s'; at most %zu are taken",
                            array->n, kind, max);
    *out = nvb_xcalloc(array->n + 1, sizeof(**out));
    for (size_t i = 0; i < array->n; i++) {
        struct members item = { .object = &array->entries[i].value, .name = m->name };
        nvb_autofree char *what = nvb_xasprintf("%s %zu", kind, i + 1);

        *out_n = i + 1;
        if (!read_descriptor(&item, what, &(*out)[i], err))
            return false;
    }
    return true;
}

/* A text that is both would be taken for one thing here and for the other elsewhere
 * (CVE-2021-41190), so it is neither. */
static bool read_kind(const struct members *m, struct nvb_manifest *out, struct nvb_err *err)
{
    const struct nvb_doc *config = members_get(m, "config");
    const struct nvb_doc *layers = members_get(m, "layers");
    const struct nvb_doc *manifests = members_get(m, "manifests");
    const char *type = out->media_type ? out->media_type : "";
    bool is_list = strstr(type, "manifest.list") || strstr(type, "image.index");
    bool is_image = strstr(type, "manifest.v2") || strstr(type, "image.manifest");

    if (members_get(m, "fsLayers")) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED,
                 "%s: this is an image of docker's first schema, from before 2017", m->name);
        return nvb_hint(err, "pull and push it once with a recent docker to convert it");
    }
    if (manifests && (config || layers))
        return members_fail(m, NULL, err, "this is a manifest and an index at once");
    if ((is_list && (config || layers)) || (is_image && manifests))
        return members_fail(m, NULL, err, "its content is not of type '%.*s'", QUOTE_MAX, type);
    if (!manifests && !layers && !config)
        return members_fail(m, NULL, err, "this is neither a manifest nor an index");
    out->kind = manifests ? NVB_MANIFEST_INDEX : NVB_MANIFEST_IMAGE;
    return true;
}

/* Some old images have no "layers", some have null: an image without any file. */
static bool read_image(const struct members *m, struct nvb_manifest *out, struct nvb_err *err)
{
    const struct nvb_doc *layers = NULL;
    struct members config = { .object = members_get(m, "config"), .name = m->name };

    return read_descriptor(&config, "config", &out->config, err) &&
           (out->config.size_bytes <= NVB_MANIFEST_MAX ||
            members_fail(&config, NULL, err, "a configuration of %llu bytes",
                         (unsigned long long)out->config.size_bytes)) &&
           members_array(m, "layers", &layers, err) &&
           (!layers || read_descriptors(m, layers, "layer", NVB_LAYERS_MAX, &out->layers,
                                        &out->n_layers, err));
}

static bool read_index(const struct members *m, struct nvb_manifest *out, struct nvb_err *err)
{
    const struct nvb_doc *manifests = NULL;

    return members_array(m, "manifests", &manifests, err) &&
           read_descriptors(m, manifests, "manifest", MANIFESTS_MAX, &out->manifests,
                            &out->n_manifests, err);
}

bool nvb_manifest_parse(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_manifest **out,
                        struct nvb_err *err)
{
    nvb_autoptr(nvb_manifest) manifest = nvb_xcalloc(1, sizeof(*manifest));
    nvb_auto_doc doc = { 0 };
    struct members m = { .object = &doc, .name = name };
    uint64_t version = 2;

    if (len > NVB_MANIFEST_MAX)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s is larger than %d bytes", name,
                        NVB_MANIFEST_MAX);
    if (!members_parse(text, len, name, &doc, err) ||
        !members_text(&m, "mediaType", &manifest->media_type, err) ||
        !members_u64(&m, "schemaVersion", &version, err) || !read_kind(&m, manifest, err))
        return false;
    if (version != 2)
        return members_fail(&m, members_get(&m, "schemaVersion"), err, "schema version %llu",
                            (unsigned long long)version);
    if (manifest->kind == NVB_MANIFEST_IMAGE ? !read_image(&m, manifest, err)
                                             : !read_index(&m, manifest, err))
        return false;
    *out = nvb_steal(&manifest);
    return true;
}

/* Go's names of what the kernel calls the machine. */
static const struct {
    const char *machine;
    const char *arch;
    const char *variant;
} machines[] = {
    {"x86_64",       "amd64",   ""  },
    { "aarch64",     "arm64",   "v8"},
    { "i686",        "386",     ""  },
    { "armv7l",      "arm",     "v7"},
    { "armv6l",      "arm",     "v6"},
    { "ppc64le",     "ppc64le", ""  },
    { "s390x",       "s390x",   ""  },
    { "riscv64",     "riscv64", ""  },
    { "loongarch64", "loong64", ""  },
};

struct nvb_platform nvb_platform_here(void)
{
    struct utsname name;

    if (uname(&name) == 0) {
        for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
            if (strcmp(name.machine, machines[i].machine) == 0)
                return (struct nvb_platform){ "linux", machines[i].arch, machines[i].variant };
        }
    }
    return (struct nvb_platform){ "linux", "unknown", "" };
}

bool nvb_platform_parse(const char *text,
                        struct nvb_platform *out,
                        char **storage,
                        struct nvb_err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    nvb_autofree char *copy = nvb_xstrdup(text);
    char *rest = copy;
    const char *os = strsep(&rest, "/");
    const char *arch = rest ? strsep(&rest, "/") : "";
    const char *variant = rest ? rest : "";

    if (!*os || !*arch || (rest && !*variant) || os[strspn(os, letters)] ||
        arch[strspn(arch, letters)] || variant[strspn(variant, letters)]) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%.*s' is not a platform", QUOTE_MAX, text);
        return nvb_hint(err, "write it as OS/ARCH[/VARIANT], for example linux/arm64");
    }
    *out = (struct nvb_platform){ os, arch, variant };
    *storage = nvb_steal(&copy);
    return true;
}

/* How well an entry fits: 0 not at all. arm64 is v8 when nothing is said, and a machine runs the
 * variants before its own (arm v7 runs v6, amd64 v3 does not run on all of amd64, so unasked it
 * is the last choice). */
static int fit(const struct nvb_descriptor *d, const struct nvb_platform *p)
{
    const char *variant = d->variant ? d->variant : "";

    if (!d->os || !d->arch || strcmp(d->os, p->os) != 0 || strcmp(d->arch, p->arch) != 0)
        return 0;
    if (strcmp(variant, p->variant) == 0)
        return 4;
    if (strcmp(p->arch, "arm64") == 0 && (!*variant || !*p->variant))
        return 3;
    if (!*variant)
        return 2;
    return strcmp(p->arch, "arm") == 0 && *p->variant && strcmp(variant, p->variant) < 0 ? 1 : 0;
}

static bool fail_choice(const struct nvb_manifest *index,
                        const struct nvb_platform *platform,
                        struct nvb_err *err)
{
    nvb_auto_strv there = { 0 };
    nvb_autofree char *list = NULL;

    for (size_t i = 0; i < index->n_manifests; i++) {
        const struct nvb_descriptor *d = &index->manifests[i];
        nvb_autofree char *name =
            nvb_xasprintf("%s/%s%s%s", d->os ? d->os : "?", d->arch ? d->arch : "?",
                          d->variant ? "/" : "", d->variant ? d->variant : "");

        if (d->os && d->arch && strcmp(d->os, "unknown") != 0 && !nvb_strv_has(&there, name))
            nvb_strv_add(&there, name);
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image for %s/%s%s%s", platform->os,
             platform->arch, *platform->variant ? "/" : "", platform->variant);
    if (there.n == 0)
        return false;
    list = nvb_strv_join(&there, ", ");
    return nvb_hint(err, "choose one of these with --platform: %.*s", 400, list);
}

bool nvb_manifest_choose(const struct nvb_manifest *index,
                         const struct nvb_platform *platform,
                         const struct nvb_descriptor **out,
                         struct nvb_err *err)
{
    const struct nvb_descriptor *best = NULL;

    for (size_t i = 0; i < index->n_manifests; i++) {
        const struct nvb_descriptor *d = &index->manifests[i];

        if (fit(d, platform) > (best ? fit(best, platform) : 0))
            best = d;
    }
    /* An index of one image that does not say what it is for: podman and docker take it. */
    if (!best && index->n_manifests == 1 && !index->manifests[0].arch)
        best = &index->manifests[0];
    if (!best)
        return fail_choice(index, platform, err);
    *out = best;
    return true;
}
