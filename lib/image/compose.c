/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/compose.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"

static struct nvb_json *descriptor_to_json(const struct nvb_descriptor *d, const char *type)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "mediaType", d->media_type ? d->media_type : type);
    nvb_json_set_str(json, "digest", d->digest);
    nvb_json_set_u64(json, "size", d->size_bytes);
    return json;
}

char *nvb_compose_dup_manifest(const struct nvb_descriptor *config,
                               const struct nvb_descriptor *layers,
                               size_t n_layers)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *list = nvb_json_new_array();

    nvb_json_set_u64(json, "schemaVersion", 2);
    nvb_json_set_str(json, "mediaType", "application/vnd.oci.image.manifest.v1+json");
    nvb_json_set(json, "config",
                 descriptor_to_json(config, "application/vnd.oci.image.config.v1+json"));
    for (size_t i = 0; i < n_layers; i++)
        nvb_json_append(list,
                        descriptor_to_json(&layers[i], "application/vnd.oci.image.layer.v1.tar"));
    nvb_json_set(json, "layers", list);
    return nvb_json_dup_text(json, false);
}

static void set_text(struct nvb_json *json, const char *key, const char *text)
{
    if (text)
        nvb_json_set_str(json, key, text);
}

static void set_list(struct nvb_json *json, const char *key, const struct nvb_strv *list)
{
    if (list->n > 0)
        nvb_json_set(json, key, nvb_json_new_strv(list));
}

/* {"80/tcp": {}} */
static void set_keys(struct nvb_json *json, const char *key, const struct nvb_strv *list)
{
    struct nvb_json *object = NULL;

    if (list->n == 0)
        return;
    object = nvb_json_new_object();
    for (size_t i = 0; i < list->n; i++)
        nvb_json_set(object, list->items[i], nvb_json_new_object());
    nvb_json_set(json, key, object);
}

static void set_labels(struct nvb_json *json, const struct nvb_strv *labels)
{
    struct nvb_json *object = NULL;

    if (labels->n == 0)
        return;
    object = nvb_json_new_object();
    for (size_t i = 0; i < labels->n; i++) {
        const char *equals = strchr(labels->items[i], '=');
        nvb_autofree char *name =
            nvb_xstrndup(labels->items[i], (size_t)(equals - labels->items[i]));

        nvb_json_set_str(object, name, equals + 1);
    }
    nvb_json_set(json, "Labels", object);
}

static void set_time(struct nvb_json *json, const char *key, uint64_t ns)
{
    if (ns > 0)
        nvb_json_set_u64(json, key, ns);
}

static void set_health(struct nvb_json *json, const struct nvb_health *health)
{
    struct nvb_json *object = NULL;

    if (health->test.n == 0)
        return;
    object = nvb_json_new_object();
    set_list(object, "Test", &health->test);
    set_time(object, "Interval", health->interval_ns);
    set_time(object, "Timeout", health->timeout_ns);
    set_time(object, "StartPeriod", health->start_period_ns);
    set_time(object, "Retries", health->retries);
    nvb_json_set(json, "Healthcheck", object);
}

static struct nvb_json *inner_to_json(const struct nvb_image_config *c)
{
    struct nvb_json *json = nvb_json_new_object();

    set_text(json, "User", c->user);
    set_keys(json, "ExposedPorts", &c->exposed_ports);
    set_list(json, "Env", &c->env);
    set_list(json, "Entrypoint", &c->entrypoint);
    set_list(json, "Cmd", &c->cmd);
    set_health(json, &c->health);
    set_keys(json, "Volumes", &c->volumes);
    set_text(json, "WorkingDir", c->working_dir);
    set_labels(json, &c->labels);
    set_text(json, "StopSignal", c->stop_signal);
    return json;
}

char *nvb_compose_dup_config(const struct nvb_image_config *config)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *rootfs = nvb_json_new_object();

    set_text(json, "created", config->created);
    set_text(json, "author", config->author);
    set_text(json, "architecture", config->arch);
    set_text(json, "variant", config->variant);
    set_text(json, "os", config->os);
    nvb_json_set(json, "config", inner_to_json(config));
    nvb_json_set_str(rootfs, "type", "layers");
    nvb_json_set(rootfs, "diff_ids", nvb_json_new_strv(&config->diff_ids));
    nvb_json_set(json, "rootfs", rootfs);
    return nvb_json_dup_text(json, false);
}

/* ["a", "b"], or a line for a shell. */
static bool change_words(struct nvb_strv *out, const char *rest, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;

    nvb_strv_clear(out);
    if (*rest != '[') {
        nvb_strv_add(out, "/bin/sh");
        nvb_strv_add(out, "-c");
        nvb_strv_add(out, rest);
        return true;
    }
    if (!nvb_json_parse(rest, strlen(rest), "the list", &json, err))
        return false;
    for (size_t i = 0; i < nvb_json_length(json); i++) {
        const char *word = nvb_json_str(nvb_json_at(json, i));

        if (!word)
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "not every word of '%s' is text",
                            rest);
        nvb_strv_add(out, word);
    }
    return true;
}

static bool change_text(char **out, const char *rest)
{
    free(*out);
    *out = nvb_xstrdup(rest);
    return true;
}

static bool change_pair(struct nvb_strv *out, const char *rest, struct nvb_err *err)
{
    const char *equals = strchr(rest, '=');
    nvb_autofree char *name = NULL;

    if (!equals || equals == rest)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is not NAME=VALUE", rest);
    name = nvb_xstrndup(rest, (size_t)(equals - rest));
    nvb_env_set(out, name, equals + 1);
    return true;
}

static bool change_volume(struct nvb_strv *out, const char *rest, struct nvb_err *err)
{
    if (*rest != '/')
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "volume '%s' is not an absolute path",
                        rest);
    nvb_strv_add(out, rest);
    return true;
}

static bool change_port(struct nvb_strv *out, const char *rest)
{
    nvb_strv_addf(out, "%s%s", rest, strchr(rest, '/') ? "" : "/tcp");
    return true;
}

bool nvb_compose_change(struct nvb_image_config *config, const char *line, struct nvb_err *err)
{
    size_t len = strcspn(line, " \t");
    nvb_autofree char *word = nvb_xstrndup(line, len);
    const char *rest = line + len + strspn(line + len, " \t");

    for (char *p = word; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    if (!*rest)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' says nothing", line);
    if (strcmp(word, "CMD") == 0)
        return change_words(&config->cmd, rest, err);
    if (strcmp(word, "ENTRYPOINT") == 0)
        return change_words(&config->entrypoint, rest, err);
    if (strcmp(word, "ENV") == 0)
        return change_pair(&config->env, rest, err);
    if (strcmp(word, "LABEL") == 0)
        return change_pair(&config->labels, rest, err);
    if (strcmp(word, "EXPOSE") == 0)
        return change_port(&config->exposed_ports, rest);
    if (strcmp(word, "VOLUME") == 0)
        return change_volume(&config->volumes, rest, err);
    if (strcmp(word, "STOPSIGNAL") == 0)
        return change_text(&config->stop_signal, rest);
    if (strcmp(word, "USER") == 0)
        return change_text(&config->user, rest);
    if (strcmp(word, "WORKDIR") == 0)
        return change_text(&config->working_dir, rest);
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is no change that is known", line);
    return nvb_hint(err, "use CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or "
                         "WORKDIR");
}
