/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/toml.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "base/file.h"
#include "base/toml_internal.h"

/* Takes the text over, so that a file is read into memory once. */
static bool
parse(char *take_text, size_t len, const char *name, struct nvb_toml **out_doc, struct nvb_err *err)
{
    nvb_autoptr(nvb_toml) doc = nvb_xcalloc(1, sizeof(*doc));

    doc->text = take_text;
    doc->len = len;
    doc->name = nvb_xstrdup(name);
    doc->first_header = len;
    if (len > TOML_SIZE_MAX) {
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "'%s' is larger than %d bytes", name,
                        TOML_SIZE_MAX);
    }
    if (!toml_check_text(doc, err) || !toml_parse_document(doc, err))
        return false;
    *out_doc = nvb_steal(&doc);
    return true;
}

bool nvb_toml_parse(const char *text,
                    size_t len,
                    const char *name,
                    struct nvb_toml **out_doc,
                    struct nvb_err *err)
{
    char *copy = nvb_xcalloc(len + 1, 1);

    if (len > 0)
        memcpy(copy, text, len);
    return parse(copy, len, name, out_doc, err);
}

bool nvb_toml_read_file(const char *path, struct nvb_toml **out_doc, struct nvb_err *err)
{
    char *text = NULL;
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, path, TOML_SIZE_MAX, &text, &len, err))
        return false;
    return parse(text, len, path, out_doc, err);
}

void nvb_toml_free(struct nvb_toml *doc)
{
    if (!doc)
        return;
    for (size_t i = 0; i < doc->n_nodes; i++)
        toml_node_free(doc->nodes[i]);
    free((void *)doc->nodes);
    free(doc->name);
    free(doc->text);
    free(doc);
}

const struct nvb_toml_value *nvb_toml_root(const struct nvb_toml *doc)
{
    return &doc->nodes[0]->value;
}

const struct nvb_toml_value *nvb_toml_get(const struct nvb_toml_value *table, const char *key)
{
    size_t len = strlen(key);

    if (!table || table->type != NVB_TOML_TABLE)
        return NULL;
    for (size_t i = 0; i < table->table.n; i++) {
        if (table->table.key_lens[i] == len && memcmp(table->table.keys[i], key, len) == 0)
            return table->table.values[i];
    }
    return NULL;
}

const struct nvb_toml_value *nvb_toml_find(const struct nvb_toml_value *table, ...)
{
    const char *key = NULL;
    va_list ap;

    va_start(ap, table);
    while (table && (key = va_arg(ap, const char *)))
        table = nvb_toml_get(table, key);
    va_end(ap);
    return table;
}

const char *nvb_toml_type_name(enum nvb_toml_type type)
{
    static const char *const names[] = {
        [NVB_TOML_TABLE] = "table",        [NVB_TOML_ARRAY] = "array",
        [NVB_TOML_STRING] = "string",      [NVB_TOML_INTEGER] = "integer",
        [NVB_TOML_FLOAT] = "float",        [NVB_TOML_BOOL] = "boolean",
        [NVB_TOML_DATETIME] = "date-time", [NVB_TOML_LOCAL_DATETIME] = "local date-time",
        [NVB_TOML_LOCAL_DATE] = "date",    [NVB_TOML_LOCAL_TIME] = "time",
    };

    return type >= NVB_TOML_TABLE && type <= NVB_TOML_LOCAL_TIME ? names[type] : "unknown";
}

const char *nvb_toml_text(const struct nvb_toml *doc, size_t *out_len)
{
    if (out_len)
        *out_len = doc->len;
    return doc->text;
}
