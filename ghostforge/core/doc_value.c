/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/doc_value.h"

#include <fcntl.h>
#include <glib.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

const char *gf_doc_text(const struct nvb_doc *doc)
{
    if (!doc || !doc->text || !*doc->text || doc->type == NVB_DOC_NULL)
        return NULL;
    return doc->text;
}

const char *gf_doc_get_text(const struct nvb_doc *doc, const char *key)
{
    return doc ? gf_doc_text(nvb_doc_get(doc, key)) : NULL;
}

int64_t gf_doc_get_number(const struct nvb_doc *doc, const char *key)
{
    const struct nvb_doc *value = doc ? nvb_doc_get(doc, key) : NULL;
    uint64_t number = 0;

    return value && value->type == NVB_DOC_INTEGER && nvb_parse_u64(value->text, INT64_MAX, &number)
               ? (int64_t)number
               : 0;
}

bool gf_doc_get_bool(const struct nvb_doc *doc, const char *key)
{
    const struct nvb_doc *value = doc ? nvb_doc_get(doc, key) : NULL;

    return value && value->type == NVB_DOC_BOOL && strcmp(value->text, "true") == 0;
}

const struct nvb_doc *gf_doc_find(const struct nvb_doc *doc, ...)
{
    const char *key = NULL;
    va_list keys;

    va_start(keys, doc);
    while (doc && (key = va_arg(keys, const char *)))
        doc = nvb_doc_get(doc, key);
    va_end(keys);
    return doc;
}

struct nvb_json *gf_doc_to_json(const struct nvb_doc *doc)
{
    struct nvb_json *json = NULL;
    uint64_t number = 0;

    switch (doc->type) {
    case NVB_DOC_BOOL:
        return nvb_json_new_bool(strcmp(doc->text, "true") == 0);
    case NVB_DOC_INTEGER:
        if (nvb_parse_u64(doc->text, UINT64_MAX, &number))
            return nvb_json_new_u64(number);
        return nvb_json_new_i64(g_ascii_strtoll(doc->text, NULL, 10));
    case NVB_DOC_FLOAT:
        return nvb_json_new_double(g_ascii_strtod(doc->text, NULL));
    case NVB_DOC_TEXT:
        return nvb_json_new_str(doc->text);
    case NVB_DOC_ARRAY:
        json = nvb_json_new_array();
        for (size_t i = 0; i < doc->n; i++)
            nvb_json_append(json, gf_doc_to_json(&doc->entries[i].value));
        return json;
    case NVB_DOC_OBJECT:
        json = nvb_json_new_object();
        for (size_t i = 0; i < doc->n; i++)
            nvb_json_set(json, doc->entries[i].key, gf_doc_to_json(&doc->entries[i].value));
        return json;
    case NVB_DOC_NULL:
    default:
        return nvb_json_new_str(NULL);
    }
}

struct nvb_json *gf_doc_modes_to_json(const struct nvb_doc *object)
{
    struct nvb_json *modes = nvb_json_new_object();

    for (size_t i = 0; object && object->type == NVB_DOC_OBJECT && i < object->n; i++) {
        const struct nvb_doc *value = &object->entries[i].value;
        bool is_native = value->type == NVB_DOC_BOOL && strcmp(value->text, "false") == 0;

        if (value->text)
            nvb_json_set_str(modes, object->entries[i].key, is_native ? "n" : value->text);
    }
    return modes;
}

void gf_doc_add_env(const struct nvb_doc *object, struct nvb_json *env)
{
    for (size_t i = 0; object && object->type == NVB_DOC_OBJECT && i < object->n; i++) {
        const struct nvb_doc_entry *entry = &object->entries[i];

        if (*entry->key && entry->value.text)
            nvb_json_set_str(env, entry->key, entry->value.text);
    }
}

static bool is_said(const struct nvb_doc *value)
{
    if (value->type == NVB_DOC_ARRAY || value->type == NVB_DOC_OBJECT)
        return value->n > 0;
    return gf_doc_text(value) != NULL;
}

void gf_doc_add_options(const struct nvb_doc *object,
                        const GfOptionName *names,
                        size_t n,
                        struct nvb_json *options)
{
    for (size_t i = 0; i < n; i++) {
        const struct nvb_doc *value = object ? nvb_doc_get(object, names[i].theirs) : NULL;

        if (value && is_said(value))
            nvb_json_set(options, names[i].ours, gf_doc_to_json(value));
    }
}

bool gf_doc_read(int dir_fd, const char *path, struct nvb_doc *out, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    size_t len = 0;

    if (faccessat(dir_fd, path, F_OK, 0) < 0)
        return true;
    if (!nvb_read_file(dir_fd, path, NVB_DOC_SIZE_MAX, &text, &len, err))
        return false;
    return nvb_has_suffix(path, ".json") ? nvb_doc_parse_json(text, len, path, out, err)
                                         : nvb_doc_parse_yaml(text, len, path, out, err);
}
