/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/registries.h"

#include <string.h>
#include <unistd.h>

#include "base/dirs.h"

#define SYSTEM_FILE "/etc/nvbind/config.toml"
#define DOCKER_HUB  "docker.io"

enum {
    SECONDS_MAX = 3600,
    PARALLEL_MAX = 16,
    RETRIES_MAX = 100,
};

/* Where a value is: the document, and the table for keys that are not known. */
struct place {
    const struct nvb_toml *doc;
    struct nvb_err *err;
};

static bool refuse(const struct place *at, const struct nvb_toml_value *value, const char *why)
{
    return nvb_toml_fail_at(at->doc, value, NVB_D_IMAGE, at->err, "%s", why);
}

/* Is this what stands before the first slash of a full name? */
static bool is_registry(const char *text)
{
    nvb_autofree char *name = nvb_xasprintf("%s/x", text);
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };

    return nvb_reference_parse(name, &reference, &err) && strcmp(reference.registry, text) == 0;
}

/* NULL with the error set when it is none. */
static const char *get_text(const struct place *at, const struct nvb_toml_value *value)
{
    if (value->type == NVB_TOML_STRING && value->string.len > 0 &&
        strlen(value->string.text) == value->string.len)
        return value->string.text;
    (void)refuse(at, value, "expected a text");
    return NULL;
}

static bool read_count(const struct place *at,
                       const struct nvb_toml_value *value,
                       int64_t min,
                       int64_t max,
                       unsigned *out)
{
    if (value->type == NVB_TOML_INTEGER && value->integer >= min && value->integer <= max) {
        *out = (unsigned)value->integer;
        return true;
    }
    return nvb_toml_fail_at(at->doc, value, NVB_D_IMAGE, at->err, "expected a number from %d to %d",
                            (int)min, (int)max);
}

static bool read_short_registry(const struct place *at,
                                const struct nvb_toml_value *value,
                                struct nvb_registries *out)
{
    const char *text = get_text(at, value);

    if (!text)
        return false;
    if (!is_registry(text))
        return refuse(at, value, "expected a registry, for example \"docker.io\"");
    free(out->short_registry);
    out->short_registry = nvb_xstrdup(text);
    return true;
}

static bool refuse_key(const struct place *at,
                       const struct nvb_toml_value *value,
                       const char *key,
                       const char *const *known)
{
    const char *near = nvb_nearest(key, known);

    nvb_toml_fail_at_key(at->doc, value, NVB_D_IMAGE, at->err, "unknown key '%s'", key);
    return near ? nvb_hint(at->err, "did you mean '%s'?", near) : false;
}

static bool read_pull_key(const struct place *at,
                          const char *key,
                          const struct nvb_toml_value *value,
                          struct nvb_registries *out)
{
    static const char *const known[] = {
        "registry", "parallel", "connect-timeout", "stall-timeout", "retries", NULL,
    };

    if (strcmp(key, "registry") == 0)
        return read_short_registry(at, value, out);
    if (strcmp(key, "parallel") == 0)
        return read_count(at, value, 1, PARALLEL_MAX, &out->n_parallel);
    if (strcmp(key, "connect-timeout") == 0)
        return read_count(at, value, 1, SECONDS_MAX, &out->connect_s);
    if (strcmp(key, "stall-timeout") == 0)
        return read_count(at, value, 1, SECONDS_MAX, &out->stall_s);
    if (strcmp(key, "retries") != 0)
        return refuse_key(at, value, key, known);
    if (!read_count(at, value, 0, RETRIES_MAX, &out->n_retries))
        return false;
    out->n_retries++;
    return true;
}

/* "[http[s]://]HOST[:PORT][/PREFIX]": the rest of a name must fit behind it. */
static bool is_mirror(const char *text)
{
    const char *rest = nvb_has_prefix(text, "https://")  ? text + 8
                       : nvb_has_prefix(text, "http://") ? text + 7
                                                         : text;
    nvb_autofree char *host = nvb_xstrndup(rest, strcspn(rest, "/"));
    nvb_autofree char *name = nvb_xasprintf("%s/x", rest);
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };

    return nvb_reference_parse(name, &reference, &err) && strcmp(reference.registry, host) == 0;
}

static bool
read_mirrors(const struct place *at, const struct nvb_toml_value *value, struct nvb_registry *out)
{
    if (value->type != NVB_TOML_ARRAY)
        return refuse(at, value, "expected a list of mirrors");
    nvb_strv_clear(&out->mirrors);
    out->has_mirrors = true;
    for (size_t i = 0; i < value->array.n; i++) {
        const struct nvb_toml_value *item = value->array.items[i];
        const char *text = get_text(at, item);

        if (!text)
            return false;
        if (!is_mirror(text))
            return refuse(at, item, "expected a mirror, for example \"mirror.example/hub\"");
        nvb_strv_add(&out->mirrors, text);
    }
    return true;
}

static bool read_registry_key(const struct place *at,
                              const char *key,
                              const struct nvb_toml_value *value,
                              struct nvb_registry *out)
{
    static const char *const known[] = { "mirrors", "insecure", "ca", NULL };
    const char *text = NULL;

    if (strcmp(key, "mirrors") == 0)
        return read_mirrors(at, value, out);
    if (strcmp(key, "insecure") == 0) {
        if (value->type != NVB_TOML_BOOL)
            return refuse(at, value, "expected true or false");
        out->is_insecure = value->boolean;
        out->has_insecure = true;
        return true;
    }
    if (strcmp(key, "ca") != 0)
        return refuse_key(at, value, key, known);
    text = get_text(at, value);
    if (!text)
        return false;
    if (*text != '/')
        return refuse(at, value, "expected an absolute path");
    free(out->ca);
    out->ca = nvb_xstrdup(text);
    return true;
}

const struct nvb_registry *nvb_registries_get(const struct nvb_registries *registries,
                                              const char *name)
{
    for (size_t i = 0; i < registries->n; i++) {
        if (strcmp(registries->items[i].name, name) == 0)
            return &registries->items[i];
    }
    return NULL;
}

static struct nvb_registry *get_or_add(struct nvb_registries *registries, const char *name)
{
    struct nvb_registry *fresh = NULL;

    for (size_t i = 0; i < registries->n; i++) {
        if (strcmp(registries->items[i].name, name) == 0)
            return &registries->items[i];
    }
    registries->items =
        nvb_xrealloc(registries->items, registries->n + 1, sizeof(*registries->items));
    fresh = &registries->items[registries->n++];
    *fresh = (struct nvb_registry){ .name = nvb_xstrdup(name) };
    return fresh;
}

static bool read_one(const struct place *at,
                     const char *name,
                     const struct nvb_toml_value *table,
                     struct nvb_registries *out)
{
    struct nvb_registry *registry = NULL;

    if (!is_registry(name)) {
        nvb_toml_fail_at_key(at->doc, table, NVB_D_IMAGE, at->err, "'%s' is no registry", name);
        return nvb_hint(at->err, "write it in quotes, for example [registries.\"docker.io\"]");
    }
    if (table->type != NVB_TOML_TABLE)
        return refuse(at, table, "expected a table");
    registry = get_or_add(out, name);
    for (size_t i = 0; i < table->table.n; i++) {
        if (!read_registry_key(at, table->table.keys[i], table->table.values[i], registry))
            return false;
    }
    return true;
}

bool nvb_registries_read(const struct nvb_toml *doc,
                         struct nvb_registries *registries,
                         struct nvb_err *err)
{
    const struct place at = { .doc = doc, .err = err };
    const struct nvb_toml_value *pull = nvb_toml_get(nvb_toml_root(doc), "pull");
    const struct nvb_toml_value *list = nvb_toml_get(nvb_toml_root(doc), "registries");

    if (pull && pull->type != NVB_TOML_TABLE)
        return refuse(&at, pull, "expected a table");
    for (size_t i = 0; pull && i < pull->table.n; i++) {
        if (!read_pull_key(&at, pull->table.keys[i], pull->table.values[i], registries))
            return false;
    }
    if (list && list->type != NVB_TOML_TABLE)
        return refuse(&at, list, "expected a table");
    for (size_t i = 0; list && i < list->table.n; i++) {
        if (!read_one(&at, list->table.keys[i], list->table.values[i], registries))
            return false;
    }
    return true;
}

static bool load_file(const char *path, struct nvb_registries *registries, struct nvb_err *err)
{
    nvb_autoptr(nvb_toml) doc = NULL;

    if (access(path, F_OK) < 0)
        return true;
    return nvb_toml_read_file(path, &doc, err) && nvb_registries_read(doc, registries, err);
}

bool nvb_registries_load(struct nvb_registries *out, struct nvb_err *err)
{
    nvb_autofree char *dir = nvb_dir_dup_config();
    nvb_autofree char *own = nvb_xasprintf("%s/config.toml", dir);
    nvb_auto_registries registries = { 0 };

    if (!load_file(SYSTEM_FILE, &registries, err) || !load_file(own, &registries, err))
        return false;
    *out = registries;
    registries = (struct nvb_registries){ 0 };
    return true;
}

void nvb_registries_clear(struct nvb_registries *registries)
{
    for (size_t i = 0; i < registries->n; i++) {
        free(registries->items[i].name);
        free(registries->items[i].ca);
        nvb_strv_clear(&registries->items[i].mirrors);
    }
    free(registries->items);
    free(registries->short_registry);
    *registries = (struct nvb_registries){ 0 };
}

/* nvb_reference_parse() gives docker.io to a name without a registry; was it written out? */
static bool names_docker_hub(const char *text)
{
    return nvb_has_prefix(text, DOCKER_HUB "/") || nvb_has_prefix(text, "index." DOCKER_HUB "/") ||
           nvb_has_prefix(text, "registry-1." DOCKER_HUB "/");
}

bool nvb_registries_parse_name(const struct nvb_registries *registries,
                               const char *text,
                               struct nvb_reference *out,
                               struct nvb_err *err)
{
    nvb_auto_reference parsed = { 0 };
    nvb_autofree char *full = NULL;

    if (!nvb_reference_parse(text, &parsed, err))
        return false;
    if (!registries->short_registry || strcmp(parsed.registry, DOCKER_HUB) != 0 ||
        names_docker_hub(text)) {
        *out = parsed;
        parsed = (struct nvb_reference){ 0 };
        return true;
    }
    full = nvb_xasprintf("%s/%s", registries->short_registry, text);
    return nvb_reference_parse(full, out, err);
}
