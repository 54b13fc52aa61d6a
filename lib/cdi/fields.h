/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fields.h - objects of a document read into structs by tables, with every fault noted.
 * Only for lib/cdi. */
#pragma once

#include "base/doc.h"
#include "cdi/faults.h"

enum field_type {
    FIELD_TEXT = 1, /* char *, owned */
    FIELD_TEXTS,    /* struct nvb_strv */
    FIELD_NUMBER,   /* uint32_t, and a bool that it is there */
    FIELD_BOOL,     /* bool */
    FIELD_OTHER,    /* `read` does it */
};

struct field {
    const char *key; /* NULL ends the table */
    enum field_type type;
    bool is_required;
    size_t offset;
    size_t has_offset; /* FIELD_NUMBER: of the bool, or NO_OFFSET */
    uint32_t max;      /* FIELD_NUMBER */
    void (*read)(struct faults *faults, const struct nvb_doc *value, void *out);
};

#define NO_OFFSET ((size_t)-1)

/* `what` is how complaints call the object, with its article. Absent and null are the same. */
bool fields_read(struct faults *faults,
                 const struct nvb_doc *doc,
                 const struct field *fields,
                 const char *what,
                 void *out);

/* The line of a field, or of the object when the field is absent. */
unsigned fields_line(const struct nvb_doc *doc, const char *key);

/* The text of a value: text, or a plain YAML scalar that Go's reader takes for text, too. */
const char *fields_text(const struct nvb_doc *value);

/* Is it a list (true), nothing (false), or a fault (false, noted)? */
bool fields_is_list(struct faults *faults, const struct nvb_doc *value, const char *what);
