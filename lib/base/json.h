/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* json.h - a thin face over json-c, so that the library behind it can change in one file.
 *
 * Why json-c: it keeps unsigned 64-bit numbers and key order, which an OCI config needs.
 * A `struct nvb_json` is reference counted: set and append take their value over; what `get`
 * and `at` return is borrowed. Strings must be UTF-8. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"

struct nvb_json;

struct nvb_json *nvb_json_new_object(void);
struct nvb_json *nvb_json_new_array(void);
struct nvb_json *nvb_json_new_str(const char *text); /* NULL makes a JSON null */
struct nvb_json *nvb_json_new_u64(uint64_t value);
struct nvb_json *nvb_json_new_i64(int64_t value);
struct nvb_json *nvb_json_new_bool(bool value);
struct nvb_json *nvb_json_new_double(double value); /* up to 6 decimals; null when infinite */
struct nvb_json *nvb_json_new_strv(const struct nvb_strv *list);
void nvb_json_free(struct nvb_json *json); /* drops one reference */
NVB_DEFINE_AUTOPTR(nvb_json, nvb_json_free)

/* On an object, in the order of the calls; an existing key is replaced. */
void nvb_json_set(struct nvb_json *object, const char *key, struct nvb_json *take_value);
void nvb_json_set_str(struct nvb_json *object, const char *key, const char *text);
void nvb_json_set_u64(struct nvb_json *object, const char *key, uint64_t value);
void nvb_json_set_i64(struct nvb_json *object, const char *key, int64_t value);
void nvb_json_set_bool(struct nvb_json *object, const char *key, bool value);
void nvb_json_set_double(struct nvb_json *object, const char *key, double value);

void nvb_json_append(struct nvb_json *array, struct nvb_json *take_value);

/* Reading: NULL, 0 or false when the key is absent or of another type. All borrowed. */
struct nvb_json *nvb_json_get(const struct nvb_json *object, const char *key);
const char *nvb_json_get_str(const struct nvb_json *object, const char *key);
bool nvb_json_get_bool(const struct nvb_json *object, const char *key);
size_t nvb_json_length(const struct nvb_json *array); /* 0 when it is no array */
struct nvb_json *nvb_json_at(const struct nvb_json *array, size_t i);
const char *nvb_json_str(const struct nvb_json *json); /* NULL when it is no string */
bool nvb_json_is_object(const struct nvb_json *json);
bool nvb_json_is_array(const struct nvb_json *json);
bool nvb_json_has_keys(const struct nvb_json *json); /* an object that is not empty */
bool nvb_json_read_u64(const struct nvb_json *json,
                       uint64_t *out); /* a number that is none below 0 */
bool nvb_json_read_i64(const struct nvb_json *json,
                       int64_t *out); /* a number that 64 bits with a sign hold */
bool nvb_json_read_bool(const struct nvb_json *json, bool *out);
bool nvb_json_is_equal(const struct nvb_json *a,
                       const struct nvb_json *b); /* order of keys aside */

/* nvb_json_foreach(it, object) { it.key, it.value, both borrowed; do not change the object } */
struct nvb_json_iter {
    const char *key;
    struct nvb_json *value;
    const void *next;
};
struct nvb_json_iter nvb_json_first(const struct nvb_json *object);
void nvb_json_advance(struct nvb_json_iter *iter);
/* NOLINTBEGIN(bugprone-macro-parentheses): a name cannot stand in them */
#define nvb_json_foreach(it, object) \
    for (struct nvb_json_iter it = nvb_json_first(object); it.key; nvb_json_advance(&it))
/* NOLINTEND(bugprone-macro-parentheses) */

/* Changing: one more reference, for a value that shall stand in two places. */
struct nvb_json *nvb_json_ref(struct nvb_json *json);
void nvb_json_set_at(struct nvb_json *array, size_t i, struct nvb_json *take_value);
void nvb_json_remove(struct nvb_json *array, size_t i);

/* Strict JSON, at most 64 levels deep; `name` is what an error calls the text. */
bool nvb_json_parse(const char *text,
                    size_t len,
                    const char *name,
                    struct nvb_json **out_json,
                    struct nvb_err *err);

/* Two-space indentation when pretty, else one line; both end with a line end. */
char *nvb_json_dup_text(const struct nvb_json *json, bool is_pretty);

/* Pretty, and fit for a terminal: control characters are escaped, what is no UTF-8 is U+FFFD. */
void nvb_json_print(const struct nvb_json *json, FILE *out);
