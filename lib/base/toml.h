/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* toml.h - a TOML 1.0 document that remembers its text.
 *
 * Reading builds a tree of values, each with the place it came from; setting a value replaces
 * only the bytes of the old one (or adds a line to its table), so that comments, order and
 * spacing of the user's file survive. Properties the tests hold us to: print(parse(x)) == x
 * byte for byte; after a set every byte outside the touched span is unchanged, and the result
 * parses to the old tree plus the new value. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/text.h"

enum nvb_toml_type {
    NVB_TOML_TABLE = 1,
    NVB_TOML_ARRAY, /* also an array of tables */
    NVB_TOML_STRING,
    NVB_TOML_INTEGER,
    NVB_TOML_FLOAT,
    NVB_TOML_BOOL,
    NVB_TOML_DATETIME, /* offset date-time, RFC 3339 */
    NVB_TOML_LOCAL_DATETIME,
    NVB_TOML_LOCAL_DATE,
    NVB_TOML_LOCAL_TIME,
};

struct nvb_toml; /* a document; owns every value below */

/* One node of the tree; every pointer is borrowed from the document and lives until the
 * document is freed or changed by nvb_toml_set_*(). */
struct nvb_toml_value {
    enum nvb_toml_type type;
    unsigned line;   /* 1-based, of the value's first byte (of the header for a table) */
    unsigned column; /* 1-based, in characters */

    union {
        struct {
            const char *text; /* UTF-8, NUL-terminated; may hold NULs before `len` */
            size_t len;
        } string; /* also the normalised text of the four date and time types */

        int64_t integer;
        double real;
        bool boolean;

        struct {
            struct nvb_toml_value *const *items;
            size_t n;
        } array;

        struct {
            const char *const *keys; /* in order of appearance, NUL-terminated */
            const size_t *key_lens;  /* a quoted key may hold NULs before its length */
            struct nvb_toml_value *const *values;
            size_t n;
        } table;
    };
};

/* Parse `len` bytes; `name` is what errors call the text (a file name). An error reads
 *   cause line:  "NAME:LINE:COLUMN: what is wrong"
 * and its `hint` may say what was expected. The
 * cause's text includes, after a line end, the offending line and a caret line below it:
 *   "gaming.toml:3:9: expected a value\n    3 | level = \n      |         ^"          */
bool nvb_toml_parse(const char *text,
                    size_t len,
                    const char *name,
                    struct nvb_toml **out_doc,
                    struct nvb_err *err);
bool nvb_toml_read_file(const char *path, struct nvb_toml **out_doc, struct nvb_err *err);
void nvb_toml_free(struct nvb_toml *doc);
NVB_DEFINE_AUTOPTR(nvb_toml, nvb_toml_free)

const struct nvb_toml_value *nvb_toml_root(const struct nvb_toml *doc); /* never NULL, a table */

/* The value under one key of a table, or NULL when absent or `table` is NULL or no table. */
const struct nvb_toml_value *nvb_toml_get(const struct nvb_toml_value *table, const char *key);

/* The same through several keys, NULL-terminated: nvb_toml_find(root, "gpu", "runtime", NULL). */
const struct nvb_toml_value *nvb_toml_find(const struct nvb_toml_value *table, ...)
    __attribute__((sentinel));

/* "string", "integer", "array of tables"... for messages. */
const char *nvb_toml_type_name(enum nvb_toml_type type);

/* Fail at a value's place, with the excerpt and the caret as above: for callers that find a
 * value of the wrong type or out of range. */
bool nvb_toml_fail_at(const struct nvb_toml *doc,
                      const struct nvb_toml_value *value,
                      enum nvb_domain domain,
                      struct nvb_err *err,
                      const char *fmt,
                      ...) NVB_PRINTF(5, 6);

/* The same at the key that the value stands behind (at the header of a [table]). */
bool nvb_toml_fail_at_key(const struct nvb_toml *doc,
                          const struct nvb_toml_value *value,
                          enum nvb_domain domain,
                          struct nvb_err *err,
                          const char *fmt,
                          ...) NVB_PRINTF(5, 6);

/* Editing. `path` is NULL-terminated keys from the root; missing tables are added at the end
 * of the file as [a.b] headers, a missing key at the end of its table's own lines. A path
 * through something that is no table, or to a table, is NVB_E_INVALID and changes nothing. */
bool nvb_toml_set_str(struct nvb_toml *doc,
                      const char *const *path,
                      const char *value,
                      struct nvb_err *err);
bool nvb_toml_set_integer(struct nvb_toml *doc,
                          const char *const *path,
                          int64_t value,
                          struct nvb_err *err);
bool nvb_toml_set_real(struct nvb_toml *doc,
                       const char *const *path,
                       double value,
                       struct nvb_err *err);
bool nvb_toml_set_bool(struct nvb_toml *doc,
                       const char *const *path,
                       bool value,
                       struct nvb_err *err);
/* Remove a key with its whole line (and nothing else); an absent key is fine. */
bool nvb_toml_unset(struct nvb_toml *doc, const char *const *path, struct nvb_err *err);

/* The document as text, borrowed; exactly the bytes that were parsed until something is set. */
const char *nvb_toml_text(const struct nvb_toml *doc, size_t *out_len);
