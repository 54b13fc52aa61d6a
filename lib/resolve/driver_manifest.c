/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_manifest.h"

#include <string.h>

#include "base/json.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Of a driver's manifest only what says which library and what it can: "library_arch" would hide
 * the 32-bit library of the same soname from its loader. */
static struct nvb_json *new_driver(const struct nvb_json *from, const char *library)
{
    const char *api = nvb_json_get_str(from, "api_version");
    struct nvb_json *driver = nvb_json_new_object();

    nvb_json_set_str(driver, "library_path", library);
    if (api)
        nvb_json_set_str(driver, "api_version", api);
    return driver;
}

static struct nvb_json *new_manifest(const struct nvb_json *from, const char *library)
{
    const char *version = nvb_json_get_str(from, "file_format_version");
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "file_format_version", version ? version : "1.0.0");
    nvb_json_set(json, "ICD", new_driver(nvb_json_get(from, "ICD"), library));
    return json;
}

/* A layer has more to say, and may be one of several; all but the library stays. */
static const char *rewrite_layer(struct nvb_json *layer)
{
    const char *path = nvb_json_get_str(layer, "library_path");
    nvb_autofree char *library = path ? nvb_xstrdup(last_part(path)) : NULL;

    if (!library || !*library)
        return NULL;
    nvb_json_set_str(layer, "library_path", library);
    return nvb_json_get_str(layer, "library_path");
}

static const char *rewrite_layers(struct nvb_json *json)
{
    struct nvb_json *layers = nvb_json_get(json, "layers");
    struct nvb_json *single = nvb_json_get(json, "layer");
    const char *first = single ? rewrite_layer(single) : NULL;

    for (size_t i = 0; i < nvb_json_length(layers); i++) {
        const char *library = rewrite_layer(nvb_json_at(layers, i));

        first = first ? first : library;
    }
    return first;
}

static bool fail_nameless(const char *name, struct nvb_err *err)
{
    return nvb_fail(err, NVB_D_RESOLVE, NVB_E_INVALID, "'%s' names no library", name);
}

/* A line of text: the library. */
static bool rewrite_opencl(const char *text,
                           const char *name,
                           char **out_text,
                           char **out_library,
                           struct nvb_err *err)
{
    nvb_autofree char *copy = nvb_xstrndup(text, strcspn(text, "\n"));
    const char *library = last_part(nvb_trim(copy));

    if (!*library)
        return fail_nameless(name, err);
    *out_library = nvb_xstrdup(library);
    *out_text = nvb_xasprintf("%s\n", library);
    return true;
}

bool nvb_driver_manifest_rewrite(enum nvb_driver_file_kind kind,
                                 const char *text,
                                 const char *name,
                                 char **out_text,
                                 char **out_library,
                                 struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autoptr(nvb_json) made = NULL;
    const char *library = NULL;

    if (kind == NVB_DRIVER_OPENCL_ICD)
        return rewrite_opencl(text, name, out_text, out_library, err);
    if (!nvb_json_parse(text, strlen(text), name, &json, err))
        return false;
    if (kind == NVB_DRIVER_VULKAN_LAYER) {
        library = rewrite_layers(json);
    } else {
        library = nvb_json_get_str(nvb_json_get(json, "ICD"), "library_path");
        library = library ? last_part(library) : NULL;
    }
    if (!library || !*library)
        return fail_nameless(name, err);
    *out_library = nvb_xstrdup(library);
    if (kind != NVB_DRIVER_VULKAN_LAYER)
        made = new_manifest(json, library);
    *out_text = nvb_json_dup_text(made ? made : json, true);
    return true;
}
