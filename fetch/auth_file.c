/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "auth_file.h"

#include <string.h>

#include "base/json.h"

struct auth_file {
    struct nvb_json *json; /* owned */
};

bool auth_file_parse(const char *text,
                     size_t len,
                     const char *name,
                     struct auth_file **out,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;

    if (!nvb_json_parse(text, len, name, &json, err))
        return false;
    if (!nvb_json_is_object(json))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is no JSON object", name);
    *out = nvb_xcalloc(1, sizeof(**out));
    (*out)->json = nvb_steal(&json);
    return true;
}

void auth_file_free(struct auth_file *file)
{
    if (file)
        nvb_json_free(file->json);
    free(file);
}

static bool is_docker_hub(const char *host)
{
    return strcmp(host, "index.docker.io") == 0 || strcmp(host, "registry-1.docker.io") == 0 ||
           strcmp(host, "docker.io") == 0;
}

/* "https://index.docker.io/v1/" -> "docker.io", "https://quay.io" -> "quay.io",
 * "quay.io/group" stays. */
static char *dup_plain_key(const char *key)
{
    bool has_scheme = nvb_has_prefix(key, "https://") || nvb_has_prefix(key, "http://");
    nvb_autofree char *plain = nvb_xstrdup(has_scheme ? strstr(key, "//") + 2 : key);
    char *slash = strchr(plain, '/');

    if (slash && (has_scheme || strcmp(slash, "/v1/") == 0 || strcmp(slash, "/v2/") == 0))
        *slash = '\0';
    return is_docker_hub(plain) ? nvb_xstrdup("docker.io") : nvb_steal(&plain);
}

/* Does a key stand for what is called "REGISTRY/REPOSITORY": all of it, or up to a slash? */
static bool is_prefix_of(const char *key, const char *name)
{
    size_t len = strlen(key);

    return nvb_has_prefix(name, key) && (name[len] == '\0' || name[len] == '/');
}

/* Two spellings of one key: the first wins. */
static struct nvb_json *find_entry(const struct nvb_json *object, const char *name)
{
    struct nvb_json *best = NULL;
    size_t best_len = 0;

    if (!nvb_json_is_object(object))
        return NULL;
    nvb_json_foreach(it, object) {
        nvb_autofree char *key = dup_plain_key(it.key);

        if (strlen(key) > best_len && is_prefix_of(key, name)) {
            best = it.value;
            best_len = strlen(key);
        }
    }
    return best;
}

static char *dup_member(const struct nvb_json *entry, const char *key)
{
    const char *text = nvb_json_get_str(entry, key);

    return text && *text ? nvb_xstrdup(text) : NULL;
}

bool auth_file_find(const struct auth_file *file,
                    const char *registry,
                    const char *repository,
                    struct credential *out)
{
    const char *host = is_docker_hub(registry) ? "docker.io" : registry;
    nvb_autofree char *name = nvb_xasprintf("%s/%s", host, repository);
    const struct nvb_json *entry = find_entry(nvb_json_get(file->json, "auths"), name);
    const char *pair = nvb_json_get_str(entry, "auth");
    auto_credential found = { 0 };

    if (pair && *pair && !credential_decode(pair, &found))
        return false;
    if (!found.username && !found.identity_token) {
        found.username = dup_member(entry, "username");
        found.password = dup_member(entry, "password");
    }
    if (!found.identity_token)
        found.identity_token = dup_member(entry, "identitytoken");
    found.registry_token = dup_member(entry, "registrytoken");
    if (credential_is_empty(&found))
        return false;
    *out = found;
    found = (struct credential){ 0 };
    return true;
}

const char *auth_file_find_helper(const struct auth_file *file, const char *registry)
{
    const char *host = is_docker_hub(registry) ? "docker.io" : registry;
    const char *own = nvb_json_str(find_entry(nvb_json_get(file->json, "credHelpers"), host));

    return own ? own : nvb_json_get_str(file->json, "credsStore");
}
