/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* field.h - the members of a JSON object, each with its type.
 *
 * An absent member (or a null) leaves the result as it is; one of another type is an error that
 * names it with all its parents. Strings are borrowed from the JSON. */
#pragma once

#include "base/json.h"

/* An object and the words that lead to it, "linux.resources". */
struct field_of {
    const struct nvb_json *object; /* borrowed; NULL: has no members */
    const char *name;              /* borrowed; "" at the top */
};

bool field_str(struct field_of of, const char *key, const char **out, struct nvb_err *err);
bool field_bool(struct field_of of, const char *key, bool *out, struct nvb_err *err);
bool field_u32(struct field_of of, const char *key, uint32_t *out, struct nvb_err *err);
bool field_i64(struct field_of of, const char *key, int64_t *out, struct nvb_err *err);
bool field_u64(struct field_of of, const char *key, uint64_t *out, struct nvb_err *err);
bool field_object(struct field_of of, const char *key, struct field_of *out, struct nvb_err *err);

/* The array, or NULL. */
bool field_array(struct field_of of,
                 const char *key,
                 const struct nvb_json **out,
                 struct nvb_err *err);

/* Strings, none of which may hold a NUL. */
bool field_strv(struct field_of of, const char *key, struct nvb_strv *out, struct nvb_err *err);

bool field_fail(struct field_of of, const char *key, const char *what, struct nvb_err *err);
