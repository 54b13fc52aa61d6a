/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "spec.h"

#include <stdlib.h>
#include <string.h>

const char *const spec_hook_names[SPEC_HOOK_MOMENTS] = {
    [SPEC_PRESTART] = "prestart",
    [SPEC_CREATE_RUNTIME] = "createRuntime",
    [SPEC_CREATE_CONTAINER] = "createContainer",
    [SPEC_START_CONTAINER] = "startContainer",
    [SPEC_POSTSTART] = "poststart",
    [SPEC_POSTSTOP] = "poststop",
};

/* "1.0.2-dev": three numbers, and perhaps a word behind them. Of the specification there is only
 * version 1; a newer minor one adds what may be passed over. */
static bool check_version(const char *text, struct nvb_err *err)
{
    const char *p = text;

    for (int i = 0; i < 3; i++) {
        size_t n = strspn(p, "0123456789");

        if (n == 0 || (n > 1 && *p == '0') || (i < 2 && p[n] != '.') ||
            (i == 2 && p[n] != '\0' && p[n] != '-' && p[n] != '+'))
            return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID,
                            "'ociVersion' of config.json is '%s', which is not a version", text);
        p += n + (i < 2);
    }
    if (!nvb_has_prefix(text, "1."))
        return nvb_fail(err, NVB_D_OCI, NVB_E_UNSUPPORTED,
                        "config.json is of version '%s', and only 1 is known", text);
    return true;
}

static bool read_mount(struct field_of of, struct spec_mount *out, struct nvb_err *err)
{
    nvb_auto_strv words = { 0 };

    if (!field_str(of, "destination", &out->destination, err) ||
        !field_str(of, "type", &out->type, err) || !field_str(of, "source", &out->source, err) ||
        !field_strv(of, "options", &words, err))
        return false;
    if (!out->destination || !*out->destination)
        return field_fail(of, "destination", "is missing", err);
    mount_options_read(&words, &out->options);
    out->has_maps =
        nvb_json_length(nvb_json_get(of.object, "uidMappings")) > 0 || out->options.is_mapped;
    return true;
}

static bool read_mounts(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, "mounts", &array, err))
        return false;
    spec->mounts = nvb_xcalloc(nvb_json_length(array), sizeof(*spec->mounts));
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "mounts" };

        if (!nvb_json_is_object(item.object))
            return field_fail(of, "mounts", "is not a list of objects", err);
        if (!read_mount(item, &spec->mounts[spec->n_mounts++], err))
            return false;
    }
    return true;
}

static bool read_hook(struct field_of of, struct spec_hook *out, struct nvb_err *err)
{
    int64_t timeout = 0;

    if (!field_str(of, "path", &out->path, err) || !field_strv(of, "args", &out->args, err) ||
        !field_strv(of, "env", &out->env, err) || !field_i64(of, "timeout", &timeout, err))
        return false;
    if (!out->path || out->path[0] != '/')
        return field_fail(of, "path", "is not an absolute path", err);
    if (of.object && nvb_json_get(of.object, "timeout") && (timeout <= 0 || timeout > INT32_MAX))
        return field_fail(of, "timeout", "is not a number of seconds", err);
    out->timeout_s = (uint32_t)timeout;
    return true;
}

static bool read_hooks(struct field_of top, struct spec *spec, struct nvb_err *err)
{
    struct field_of of = { 0 };

    if (!field_object(top, "hooks", &of, err))
        return false;
    for (size_t m = 0; m < SPEC_HOOK_MOMENTS; m++) {
        const struct nvb_json *array = NULL;
        struct spec_hooks *hooks = &spec->hooks[m];

        if (!field_array(of, spec_hook_names[m], &array, err))
            return false;
        hooks->items = nvb_xcalloc(nvb_json_length(array), sizeof(*hooks->items));
        for (size_t i = 0; i < nvb_json_length(array); i++) {
            struct field_of item = { .object = nvb_json_at(array, i), .name = spec_hook_names[m] };

            if (!read_hook(item, &hooks->items[hooks->n++], err))
                return false;
        }
    }
    return true;
}

static bool read_root(struct field_of top, struct spec *spec, struct nvb_err *err)
{
    struct field_of root = { 0 };

    if (!field_object(top, "root", &root, err) || !field_str(root, "path", &spec->root_path, err) ||
        !field_bool(root, "readonly", &spec->root_is_ro, err))
        return false;
    if (!spec->root_path || !*spec->root_path)
        return field_fail(root, "path", "is missing", err);
    return true;
}

static bool check_annotations(struct field_of of, struct nvb_err *err)
{
    if (!of.object)
        return true;
    nvb_json_foreach(it, of.object) {
        if (!it.key[0])
            return field_fail(of, "", "has a name that is empty", err);
        if (!nvb_json_str(it.value))
            return field_fail(of, it.key, "is not a string", err);
    }
    return true;
}

static bool check_together(const struct spec *spec, struct nvb_err *err)
{
    const struct spec_namespace *user = &spec->namespaces[SPEC_USER];
    bool has_uts = spec->namespaces[SPEC_UTS].is_listed;

    if (!spec->namespaces[SPEC_MOUNT].is_listed)
        return nvb_fail(err, NVB_D_OCI, NVB_E_UNSUPPORTED,
                        "config.json wants no mount namespace of the container's own");
    if (user->is_listed && !user->path && (spec->n_uid_maps == 0 || spec->n_gid_maps == 0))
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID,
                        "config.json wants a user namespace and gives no ids for it");
    if ((!user->is_listed) && (spec->n_uid_maps || spec->n_gid_maps))
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID,
                        "config.json maps ids and wants no user namespace");
    if ((spec->hostname || spec->domainname) && !has_uts)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID,
                        "config.json gives a name to a container without a uts namespace");
    return true;
}

static bool read_all(struct spec *spec, struct nvb_err *err)
{
    struct field_of top = { .object = spec->json, .name = "" };
    struct field_of process = { 0 };
    struct field_of linux_of = { 0 };
    struct field_of annotations = { 0 };

    if (!nvb_json_is_object(spec->json))
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "config.json is not an object");
    if (!field_str(top, "ociVersion", &spec->version, err))
        return false;
    if (!spec->version)
        return field_fail(top, "ociVersion", "is missing", err);
    if (!check_version(spec->version, err) || !read_root(top, spec, err) ||
        !field_str(top, "hostname", &spec->hostname, err) ||
        !field_str(top, "domainname", &spec->domainname, err) ||
        !field_object(top, "process", &process, err) ||
        !spec_process_read(process, &spec->process, err) || !read_mounts(top, spec, err) ||
        !read_hooks(top, spec, err) || !field_object(top, "annotations", &annotations, err) ||
        !check_annotations(annotations, err) || !field_object(top, "linux", &linux_of, err) ||
        !spec_linux_read(linux_of, spec, err))
        return false;
    spec->annotations = annotations.object;
    if (spec->hostname && !*spec->hostname)
        spec->hostname = NULL;
    if (spec->domainname && !*spec->domainname)
        spec->domainname = NULL;
    return check_together(spec, err);
}

bool spec_read(struct nvb_json *take_json, struct spec **out_spec, struct nvb_err *err)
{
    nvb_autoptr(spec) spec = nvb_xcalloc(1, sizeof(*spec));

    spec->json = take_json;
    if (!read_all(spec, err))
        return false;
    *out_spec = nvb_steal(&spec);
    return true;
}

bool spec_parse(const char *text, size_t len, struct spec **out_spec, struct nvb_err *err)
{
    struct nvb_json *json = NULL;

    return nvb_json_parse(text, len, "config.json", &json, err) && spec_read(json, out_spec, err);
}

static void clear_hooks(struct spec_hooks *hooks)
{
    for (size_t i = 0; i < hooks->n; i++) {
        nvb_strv_clear(&hooks->items[i].args);
        nvb_strv_clear(&hooks->items[i].env);
    }
    free(hooks->items);
}

void spec_free(struct spec *spec)
{
    if (!spec)
        return;
    spec_process_clear(&spec->process);
    for (size_t i = 0; i < spec->n_mounts; i++)
        mount_options_clear(&spec->mounts[i].options);
    for (size_t m = 0; m < SPEC_HOOK_MOMENTS; m++)
        clear_hooks(&spec->hooks[m]);
    free(spec->mounts);
    free(spec->uid_maps);
    free(spec->gid_maps);
    free(spec->devices);
    nvb_strv_clear(&spec->masked_paths);
    nvb_strv_clear(&spec->readonly_paths);
    nvb_json_free(spec->json);
    free(spec);
}

const char *spec_find_unusual(const struct spec *spec)
{
    static const struct {
        const char *group;
        const char *key;
        const char *told;
    } unknown[] = {
        {"linux",    "intelRdt",        "'linux.intelRdt'"         },
        { "linux",   "netDevices",      "'linux.netDevices'"       },
        { "linux",   "personality",     "'linux.personality'"      },
        { "linux",   "timeOffsets",     "'linux.timeOffsets'"      },
        { "linux",   "memoryPolicy",    "'linux.memoryPolicy'"     },
        { "process", "scheduler",       "'process.scheduler'"      },
        { "process", "ioPriority",      "'process.ioPriority'"     },
        { "process", "execCPUAffinity", "'process.execCPUAffinity'"},
    };

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        const struct nvb_json *group = nvb_json_get(spec->json, unknown[i].group);

        if (group && nvb_json_has_keys(nvb_json_get(group, unknown[i].key)))
            return unknown[i].told;
    }
    for (size_t i = 0; i < spec->n_mounts; i++) {
        if (spec->mounts[i].has_maps)
            return "a mount with ids of its own";
    }
    if (nvb_json_get(spec->json, "vm") || nvb_json_get(spec->json, "windows"))
        return "another system's container";
    return NULL;
}
