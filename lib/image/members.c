/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/members.h"

#include <stdarg.h>
#include <string.h>

enum {
    QUOTE_MAX = 60,
};

bool members_fail(const struct members *m,
                  const struct nvb_doc *value,
                  struct nvb_err *err,
                  const char *fmt,
                  ...)
{
    const struct nvb_doc *place = value ? value : m->object;
    nvb_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    va_end(ap);
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s:%u: %s", m->name, place ? place->line : 1,
                    text);
}

struct duplicate {
    const struct members *m;
    struct nvb_err *err;
    bool is_found;
};

static void on_duplicate(void *context, const struct nvb_doc_entry *entry)
{
    struct duplicate *d = context;

    if (!d->is_found)
        (void)members_fail(d->m, &entry->value, d->err, "'%.*s' is there twice", QUOTE_MAX,
                           entry->key);
    d->is_found = true;
}

bool members_parse(const char *text,
                   size_t len,
                   const char *name,
                   struct nvb_doc *out,
                   struct nvb_err *err)
{
    nvb_auto_doc doc = { 0 };
    struct members m = { .object = &doc, .name = name };
    struct duplicate duplicate = { .m = &m, .err = err };

    if (!nvb_doc_parse_json(text, len, name, &doc, err))
        return false;
    if (doc.type != NVB_DOC_OBJECT)
        return members_fail(&m, NULL, err, "this is %s, not an object",
                            nvb_doc_type_name(doc.type));
    nvb_doc_each_duplicate(&doc, on_duplicate, &duplicate);
    if (duplicate.is_found)
        return false;
    *out = doc;
    doc = (struct nvb_doc){ 0 };
    return true;
}

const struct nvb_doc *members_get(const struct members *m, const char *key)
{
    const struct nvb_doc *value = m->object ? nvb_doc_get(m->object, key) : NULL;

    return value && value->type != NVB_DOC_NULL ? value : NULL;
}

static bool fail_type(const struct members *m,
                      const struct nvb_doc *value,
                      const char *key,
                      const char *wanted,
                      struct nvb_err *err)
{
    return members_fail(m, value, err, "'%s' is %s, not %s", key, nvb_doc_type_name(value->type),
                        wanted);
}

/* *out is the member when it is there and of this type. */
static bool get_typed(const struct members *m,
                      const char *key,
                      enum nvb_doc_type type,
                      const struct nvb_doc **out,
                      struct nvb_err *err)
{
    static const char *const names[] = {
        [NVB_DOC_INTEGER] = "a whole number",
        [NVB_DOC_TEXT] = "text",
        [NVB_DOC_ARRAY] = "a list",
        [NVB_DOC_OBJECT] = "an object",
    };
    const struct nvb_doc *value = members_get(m, key);

    if (value && value->type != type)
        return fail_type(m, value, key, names[type], err);
    *out = value;
    return true;
}

bool members_object(const struct members *m,
                    const char *key,
                    struct members *out,
                    struct nvb_err *err)
{
    const struct nvb_doc *value = NULL;

    if (!get_typed(m, key, NVB_DOC_OBJECT, &value, err))
        return false;
    *out = (struct members){ .object = value, .name = m->name };
    return true;
}

bool members_array(const struct members *m,
                   const char *key,
                   const struct nvb_doc **out,
                   struct nvb_err *err)
{
    return get_typed(m, key, NVB_DOC_ARRAY, out, err);
}

bool members_text(const struct members *m, const char *key, char **out, struct nvb_err *err)
{
    const struct nvb_doc *value = NULL;

    if (!get_typed(m, key, NVB_DOC_TEXT, &value, err))
        return false;
    if (value)
        *out = nvb_xstrdup(value->text);
    return true;
}

bool members_u64(const struct members *m, const char *key, uint64_t *out, struct nvb_err *err)
{
    const struct nvb_doc *value = NULL;

    if (!get_typed(m, key, NVB_DOC_INTEGER, &value, err))
        return false;
    if (value && !nvb_parse_u64(value->text, INT64_MAX, out))
        return members_fail(m, value, err, "'%s' is %s", key, value->text);
    return true;
}

bool members_texts(const struct members *m,
                   const char *key,
                   struct nvb_strv *out,
                   struct nvb_err *err)
{
    const struct nvb_doc *value = NULL;

    if (!get_typed(m, key, NVB_DOC_ARRAY, &value, err))
        return false;
    for (size_t i = 0; value && i < value->n; i++) {
        const struct nvb_doc *item = &value->entries[i].value;

        if (item->type != NVB_DOC_TEXT) {
            return members_fail(m, item, err, "an entry of '%s' is %s, not text", key,
                                nvb_doc_type_name(item->type));
        }
        nvb_strv_add(out, item->text);
    }
    return true;
}

bool members_keys(const struct members *m,
                  const char *key,
                  struct nvb_strv *out,
                  struct nvb_err *err)
{
    const struct nvb_doc *value = NULL;

    if (!get_typed(m, key, NVB_DOC_OBJECT, &value, err))
        return false;
    for (size_t i = 0; value && i < value->n; i++)
        nvb_strv_add(out, value->entries[i].key);
    return true;
}
