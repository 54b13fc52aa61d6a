/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* doc.h - a JSON or YAML document as a tree that knows the line of everything in it.
 *
 * For foreign files that must be checked and complained about; base/json.h is for trees that
 * are made and changed. Both readers are strict and bounded: 64 levels, a million values; what a
 * C string cannot hold or UTF-8 cannot say is refused, so that no text is silently altered.
 *
 * YAML (1.1, through libyaml) may use anchors; the copies that its aliases make are bounded more
 * tightly. Tags other than the core ones, several documents and keys that are no text are
 * refused. Numbers become decimal text whatever base they were written in. */
#pragma once

#include "base/text.h"

enum nvb_doc_type {
    NVB_DOC_NULL = 1,
    NVB_DOC_BOOL,
    NVB_DOC_INTEGER, /* fits int64_t or uint64_t */
    NVB_DOC_FLOAT,
    NVB_DOC_TEXT,
    NVB_DOC_ARRAY,
    NVB_DOC_OBJECT,
};

struct nvb_doc_entry;

struct nvb_doc {
    enum nvb_doc_type type;
    bool is_plain;                 /* a YAML scalar without quotes: 0 may have been meant as "0" */
    unsigned line;                 /* where it begins, from 1 */
    char *text;                    /* owned; of scalars: "true", "438", "1.50" as it was written */
    struct nvb_doc_entry *entries; /* owned; of arrays and objects, as the file has them */
    size_t n;
};

struct nvb_doc_entry {
    char *key; /* owned; NULL in an array */
    unsigned line;
    struct nvb_doc value;
};

enum {
    NVB_DOC_SIZE_MAX = 16 << 20, /* bytes */
    NVB_DOC_VALUES_MAX = 1 << 20,
    NVB_DOC_COPIES_MAX = 1 << 16,      /* values that YAML's anchors and aliases make */
    NVB_DOC_COPIED_SIZE_MAX = 1 << 20, /* bytes of their text */
    NVB_DOC_DEPTH_MAX = 64,
};

/* `name` is what an error calls the text: "NAME:LINE: what". *out is yours to clear. */
bool nvb_doc_parse_json(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_doc *out,
                        struct nvb_err *err);
bool nvb_doc_parse_yaml(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_doc *out,
                        struct nvb_err *err);
void nvb_doc_clear(struct nvb_doc *doc);
#define nvb_auto_doc __attribute__((cleanup(nvb_doc_clear))) struct nvb_doc

/* The value of a key, borrowed; NULL when it is absent or `doc` is no object. */
const struct nvb_doc *nvb_doc_get(const struct nvb_doc *doc, const char *key);

/* Call `tell` for every key that an object has twice or more, at its second and later places. */
void nvb_doc_each_duplicate(const struct nvb_doc *doc,
                            void (*tell)(void *context, const struct nvb_doc_entry *entry),
                            void *context);

/* "text", "a number", ... for complaints. */
const char *nvb_doc_type_name(enum nvb_doc_type type);
