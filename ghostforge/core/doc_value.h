/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* doc_value.h - values of other programs' YAML and JSON files. */
#pragma once

#include "base/doc.h"
#include "base/json.h"

/* The text of a scalar, the empty one aside; NULL for anything else. `doc` may be NULL. */
const char *gf_doc_text(const struct nvb_doc *doc);

/* The same of a key; `doc` may be NULL. */
const char *gf_doc_get_text(const struct nvb_doc *doc, const char *key);

/* A whole number of a key, 0 when there is none. */
int64_t gf_doc_get_number(const struct nvb_doc *doc, const char *key);
bool gf_doc_get_bool(const struct nvb_doc *doc, const char *key);

/* Down a path of keys, which ends with NULL. */
const struct nvb_doc *gf_doc_find(const struct nvb_doc *doc, ...) __attribute__((sentinel));

/* The value as JSON; null becomes NULL. */
struct nvb_json *gf_doc_to_json(const struct nvb_doc *doc);

/* DLLs and their modes as an object of texts. Of "n", for native, YAML makes false. */
struct nvb_json *gf_doc_modes_to_json(const struct nvb_doc *object);

/* Add the scalars of an object, as text, over what is there of these names. */
void gf_doc_add_env(const struct nvb_doc *object, struct nvb_json *env);

/* Options by our names: from a key to a key; what the object has not is left out. */
typedef struct {
    const char *theirs;
    const char *ours;
} GfOptionName;

void gf_doc_add_options(const struct nvb_doc *object,
                        const GfOptionName *names,
                        size_t n,
                        struct nvb_json *options);

/* A file below a directory as YAML or, by its name, JSON. Absent: an empty document and true. */
bool gf_doc_read(int dir_fd, const char *path, struct nvb_doc *out, struct nvb_err *err);
