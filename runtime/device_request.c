/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "device_request.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cdi/device_name.h"
#include "cdi/registry.h"
#include "oci/config_edit.h"

#define GPU_KIND "nvidia.com/gpu"

static void add_once(struct nvb_strv *names, const char *name)
{
    if (*name && !nvb_strv_has(names, name))
        nvb_strv_add(names, name);
}

/* "0,1" and "all" are NVIDIA's; a name in full is anyone's. */
static void add_list(struct nvb_strv *names, const char *text, bool is_nvidia)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    char *save = NULL;

    for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        nvb_autofree char *full = NULL;

        word = nvb_trim(word);
        if (is_nvidia && *word && !strchr(word, '='))
            full = nvb_xasprintf(GPU_KIND "=%s", word);
        add_once(names, full ? full : word);
    }
}

static void read_env(const struct nvb_json *config, struct nvb_strv *names)
{
    const struct nvb_json *env = nvb_json_get(nvb_json_get(config, "process"), "env");
    static const char prefix[] = "NVIDIA_VISIBLE_DEVICES=";

    for (size_t i = 0; i < nvb_json_length(env); i++) {
        const char *entry = nvb_json_str(nvb_json_at(env, i));
        const char *value = entry && nvb_has_prefix(entry, prefix) ? entry + strlen(prefix) : NULL;

        if (value && strcmp(value, "void") != 0 && strcmp(value, "none") != 0)
            add_list(names, value, true);
    }
}

bool device_request_read(const struct nvb_json *config,
                         bool reads_env,
                         struct nvb_strv *out_names,
                         struct nvb_err *err)
{
    const struct nvb_json *annotations = nvb_json_get(config, "annotations");

    if (annotations && nvb_json_is_object(annotations)) {
        nvb_json_foreach(it, annotations) {
            const char *value = nvb_json_str(it.value);

            if (value && nvb_has_prefix(it.key, "cdi.k8s.io/"))
                add_list(out_names, value, false);
            if (value && strcmp(it.key, "nvbind.gpu") == 0)
                add_list(out_names, value, true);
        }
    }
    if (reads_env && nvb_json_is_object(config))
        read_env(config, out_names);
    for (size_t i = 0; i < out_names->n; i++) {
        struct nvb_device_name *name = NULL;

        if (!nvb_device_name_parse(out_names->items[i], &name, err))
            return nvb_while(err, "cannot give the container the devices it asks for");
        nvb_device_name_free(name);
    }
    return true;
}

static bool reads_env(void)
{
    const char *value = getenv("NVBIND_RUNTIME_ENV");

    return value && strcmp(value, "1") == 0;
}

static bool check_trust(const struct nvb_cdi_registry *registry,
                        const struct nvb_strv *names,
                        struct nvb_err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        const struct nvb_cdi_entry *entry = NULL;

        if (!nvb_cdi_registry_find(registry, names->items[i], &entry, err) ||
            !nvb_cdi_file_check_trust(entry->file, geteuid(), err))
            return false;
    }
    return true;
}

bool device_request_apply(struct nvb_json *config, struct nvb_err *err)
{
    nvb_autoptr(nvb_cdi_registry) registry = NULL;
    nvb_auto_strv names = { 0 };
    nvb_auto_edits edits = { 0 };
    nvb_autoclose int host_fd = -1;

    if (!device_request_read(config, reads_env(), &names, err))
        return false;
    if (names.n == 0)
        return true;
    host_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (nvb_cdi_registry_load(host_fd, nvb_cdi_default_dirs, &registry, err) &&
            check_trust(registry, &names, err) &&
            nvb_cdi_registry_resolve(registry, &names, &edits, err) &&
            nvb_config_apply(config, &edits, host_fd, err)) ||
           nvb_while(err, "cannot give the container the devices it asks for");
}
