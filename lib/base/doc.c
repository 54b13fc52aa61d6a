/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/doc.h"

#include <string.h>

#include "base/doc_internal.h"

void nvb_doc_clear(struct nvb_doc *doc)
{
    for (size_t i = 0; i < doc->n; i++) {
        free(doc->entries[i].key);
        nvb_doc_clear(&doc->entries[i].value);
    }
    free(doc->entries);
    free(doc->text);
    *doc = (struct nvb_doc){ 0 };
}

void nvb_doc_take_entry(struct nvb_doc *doc, char *take_key, unsigned line, struct nvb_doc *value)
{
    if ((doc->n & (doc->n - 1)) == 0) /* room doubles: full at each power of two */
        doc->entries = nvb_xrealloc(doc->entries, doc->n ? doc->n * 2 : 1, sizeof(*doc->entries));
    doc->entries[doc->n].key = take_key;
    doc->entries[doc->n].line = line;
    doc->entries[doc->n++].value = *value;
    *value = (struct nvb_doc){ 0 };
}

static bool spend(struct doc_budget *budget, size_t bytes)
{
    if (budget->values == 0 || budget->bytes < bytes)
        return false;
    budget->values--;
    budget->bytes -= bytes;
    return true;
}

bool nvb_doc_copy(struct nvb_doc *to,
                  const struct nvb_doc *from,
                  unsigned depth,
                  struct doc_budget *budget)
{
    if (depth > NVB_DOC_DEPTH_MAX || !spend(budget, from->text ? strlen(from->text) : 0))
        return false;
    *to = (struct nvb_doc){
        .type = from->type,
        .is_plain = from->is_plain,
        .line = from->line,
        .text = from->text ? nvb_xstrdup(from->text) : NULL,
    };
    for (size_t i = 0; i < from->n; i++) {
        const struct nvb_doc_entry *entry = &from->entries[i];
        struct nvb_doc value = { 0 };

        if (!nvb_doc_copy(&value, &entry->value, depth + 1, budget)) {
            nvb_doc_clear(&value);
            return false;
        }
        nvb_doc_take_entry(to, entry->key ? nvb_xstrdup(entry->key) : NULL, entry->line, &value);
    }
    return true;
}

const struct nvb_doc *nvb_doc_get(const struct nvb_doc *doc, const char *key)
{
    if (doc->type != NVB_DOC_OBJECT)
        return NULL;
    for (size_t i = 0; i < doc->n; i++) {
        if (strcmp(doc->entries[i].key, key) == 0)
            return &doc->entries[i].value;
    }
    return NULL;
}

/* Same keys in the order of the file: entries lie in one array. */
static int by_key(const void *a, const void *b)
{
    const struct nvb_doc_entry *l = *(const struct nvb_doc_entry *const *)a;
    const struct nvb_doc_entry *r = *(const struct nvb_doc_entry *const *)b;
    int order = strcmp(l->key, r->key);

    return order ? order : (l > r) - (l < r);
}

static void tell_duplicates(const struct nvb_doc *object,
                            void (*tell)(void *context, const struct nvb_doc_entry *entry),
                            void *context)
{
    nvb_autofree const struct nvb_doc_entry **sorted = nvb_xcalloc(object->n, sizeof(void *));

    for (size_t i = 0; i < object->n; i++)
        sorted[i] = &object->entries[i];
    qsort(sorted, object->n, sizeof(void *), by_key);
    for (size_t i = 1; i < object->n; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            tell(context, sorted[i]);
    }
}

void nvb_doc_each_duplicate(const struct nvb_doc *doc,
                            void (*tell)(void *context, const struct nvb_doc_entry *entry),
                            void *context)
{
    if (doc->type == NVB_DOC_OBJECT && doc->n > 1)
        tell_duplicates(doc, tell, context);
    for (size_t i = 0; i < doc->n; i++)
        nvb_doc_each_duplicate(&doc->entries[i].value, tell, context);
}

const char *nvb_doc_type_name(enum nvb_doc_type type)
{
    switch (type) {
    case NVB_DOC_NULL:
        return "null";
    case NVB_DOC_BOOL:
        return "true or false";
    case NVB_DOC_INTEGER:
    case NVB_DOC_FLOAT:
        return "a number";
    case NVB_DOC_TEXT:
        return "text";
    case NVB_DOC_ARRAY:
        return "a list";
    case NVB_DOC_OBJECT:
        return "an object";
    }
    return "nothing";
}
