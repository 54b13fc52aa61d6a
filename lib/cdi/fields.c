/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/fields.h"

#include <string.h>

enum {
    N_FIELDS_MAX = 16, /* of the longest table */
};

const char *fields_text(const struct nvb_doc *value)
{
    bool is_loose =
        value->is_plain && (value->type == NVB_DOC_INTEGER || value->type == NVB_DOC_BOOL);

    return value->type == NVB_DOC_TEXT || is_loose ? value->text : NULL;
}

unsigned fields_line(const struct nvb_doc *doc, const char *key)
{
    const struct nvb_doc *value = nvb_doc_get(doc, key);

    return value ? value->line : doc->line;
}

static void
fault_type(struct faults *faults, const struct nvb_doc *value, const char *key, const char *wanted)
{
    faults_add(faults, value->line, "'%s' is %s, not %s", key, nvb_doc_type_name(value->type),
               wanted);
}

bool fields_is_list(struct faults *faults, const struct nvb_doc *value, const char *what)
{
    if (value->type == NVB_DOC_ARRAY)
        return true;
    if (value->type != NVB_DOC_NULL)
        fault_type(faults, value, what, "a list");
    return false;
}

static void
read_text(struct faults *faults, const struct field *field, const struct nvb_doc *value, char **out)
{
    const char *text = fields_text(value);

    if (!text) {
        fault_type(faults, value, field->key, "text");
        return;
    }
    free(*out);
    /* Empty is as good as absent in every field that may be absent. */
    *out = *text ? nvb_xstrdup(text) : NULL;
    if (!*text && field->is_required)
        faults_add(faults, value->line, "'%s' is empty", field->key);
}

static void read_texts(struct faults *faults,
                       const struct field *field,
                       const struct nvb_doc *value,
                       struct nvb_strv *out)
{
    if (!fields_is_list(faults, value, field->key))
        return;
    for (size_t i = 0; i < value->n; i++) {
        const char *text = fields_text(&value->entries[i].value);

        if (text) {
            nvb_strv_add(out, text);
        } else {
            faults_add(faults, value->entries[i].value.line, "an entry of '%s' is %s, not text",
                       field->key, nvb_doc_type_name(value->entries[i].value.type));
        }
    }
}

static void read_number(struct faults *faults,
                        const struct field *field,
                        const struct nvb_doc *value,
                        char *out)
{
    uint64_t number = 0;

    if (value->type != NVB_DOC_INTEGER) {
        fault_type(faults, value, field->key, "a whole number");
    } else if (!nvb_parse_u64(value->text, field->max, &number) && strcmp(value->text, "-0") != 0) {
        faults_add(faults, value->line, "'%s' is %s; it can be 0 to %u", field->key, value->text,
                   field->max);
    } else {
        *(uint32_t *)(void *)(out + field->offset) = (uint32_t)number;
        if (field->has_offset != NO_OFFSET)
            *(bool *)(void *)(out + field->has_offset) = true;
    }
}

static void
read_field(struct faults *faults, const struct field *field, const struct nvb_doc *value, char *out)
{
    void *place = out + field->offset;

    switch (field->type) {
    case FIELD_TEXT:
        read_text(faults, field, value, place);
        break;
    case FIELD_TEXTS:
        read_texts(faults, field, value, place);
        break;
    case FIELD_NUMBER:
        read_number(faults, field, value, out);
        break;
    case FIELD_BOOL:
        if (value->type == NVB_DOC_BOOL) {
            *(bool *)place = strcmp(value->text, "true") == 0;
        } else {
            fault_type(faults, value, field->key, "true or false");
        }
        break;
    case FIELD_OTHER:
        field->read(faults, value, place);
        break;
    }
}

static void fault_unknown(struct faults *faults,
                          const struct nvb_doc_entry *entry,
                          const struct field *fields,
                          const char *what)
{
    const char *keys[N_FIELDS_MAX + 1] = { NULL };
    const char *near = NULL;

    for (size_t i = 0; fields[i].key && i < N_FIELDS_MAX; i++)
        keys[i] = fields[i].key;
    near = faults->n_all < FAULTS_MAX ? nvb_nearest(entry->key, keys) : NULL;
    if (near) {
        faults_add(faults, entry->line, "%s has no field '%.100s'; did you mean '%s'?", what,
                   entry->key, near);
    } else {
        faults_add(faults, entry->line, "%s has no field '%.100s'", what, entry->key);
    }
}

static const struct field *find_field(const struct field *fields, const char *key)
{
    for (; fields->key; fields++) {
        if (strcmp(fields->key, key) == 0)
            return fields;
    }
    return NULL;
}

bool fields_read(struct faults *faults,
                 const struct nvb_doc *doc,
                 const struct field *fields,
                 const char *what,
                 void *out)
{
    if (doc->type != NVB_DOC_OBJECT) {
        faults_add(faults, doc->line, "%s is an object, not %s", what,
                   nvb_doc_type_name(doc->type));
        return false;
    }
    for (size_t i = 0; i < doc->n; i++) {
        const struct nvb_doc_entry *entry = &doc->entries[i];
        const struct field *field = find_field(fields, entry->key);

        if (!field) {
            fault_unknown(faults, entry, fields, what);
        } else if (entry->value.type != NVB_DOC_NULL) {
            read_field(faults, field, &entry->value, out);
        }
    }
    for (; fields->key; fields++) {
        const struct nvb_doc *value = fields->is_required ? nvb_doc_get(doc, fields->key) : doc;

        if (!value || value->type == NVB_DOC_NULL)
            faults_add(faults, doc->line, "%s needs '%s'", what, fields->key);
    }
    return true;
}
