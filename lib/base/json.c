/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <json-c/json.h>
#include <json-c/linkhash.h>
#include <math.h>
#include <string.h>

enum {
    DEPTH_MAX = 64,
};

/* json-c's readers take what they only read without const. */
static struct json_object *inner(const struct nvb_json *json)
{
    union {
        const struct nvb_json *outer;
        struct json_object *inner;
    } face = { .outer = json };

    return face.inner;
}

static struct nvb_json *outer(struct json_object *object)
{
    return (struct nvb_json *)object;
}

struct nvb_json *nvb_json_new_object(void)
{
    return outer(json_object_new_object());
}

struct nvb_json *nvb_json_new_array(void)
{
    return outer(json_object_new_array());
}

struct nvb_json *nvb_json_new_str(const char *text)
{
    return outer(text ? json_object_new_string(text) : NULL);
}

struct nvb_json *nvb_json_new_u64(uint64_t value)
{
    return outer(json_object_new_uint64(value));
}

struct nvb_json *nvb_json_new_i64(int64_t value)
{
    return outer(json_object_new_int64(value));
}

struct nvb_json *nvb_json_new_bool(bool value)
{
    return outer(json_object_new_boolean(value));
}

struct nvb_json *nvb_json_new_double(double value)
{
    char *comma = NULL;
    char text[400]; /* DBL_MAX has 309 digits before the point */

    if (!isfinite(value))
        return NULL; /* JSON has no such number */
    (void)snprintf(text, sizeof(text), "%.6f", value);
    comma = strchr(text, ','); /* in some locales */
    if (comma)
        *comma = '.';
    for (size_t len = strlen(text); len > 0 && text[len - 1] == '0' && text[len - 2] != '.'; len--)
        text[len - 1] = '\0';
    return outer(json_object_new_double_s(value, text));
}

struct nvb_json *nvb_json_new_strv(const struct nvb_strv *list)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < list->n; i++)
        nvb_json_append(array, nvb_json_new_str(list->items[i]));
    return array;
}

void nvb_json_free(struct nvb_json *json)
{
    (void)json_object_put(inner(json));
}

void nvb_json_set(struct nvb_json *object, const char *key, struct nvb_json *take_value)
{
    if (json_object_object_add(inner(object), key, inner(take_value)) != 0)
        abort();
}

void nvb_json_set_str(struct nvb_json *object, const char *key, const char *text)
{
    nvb_json_set(object, key, nvb_json_new_str(text));
}

void nvb_json_set_u64(struct nvb_json *object, const char *key, uint64_t value)
{
    nvb_json_set(object, key, nvb_json_new_u64(value));
}

void nvb_json_set_i64(struct nvb_json *object, const char *key, int64_t value)
{
    nvb_json_set(object, key, nvb_json_new_i64(value));
}

void nvb_json_set_bool(struct nvb_json *object, const char *key, bool value)
{
    nvb_json_set(object, key, nvb_json_new_bool(value));
}

void nvb_json_set_double(struct nvb_json *object, const char *key, double value)
{
    nvb_json_set(object, key, nvb_json_new_double(value));
}

void nvb_json_append(struct nvb_json *array, struct nvb_json *take_value)
{
    if (json_object_array_add(inner(array), inner(take_value)) != 0)
        abort();
}

struct nvb_json *nvb_json_get(const struct nvb_json *object, const char *key)
{
    struct json_object *value = NULL;

    if (!nvb_json_is_object(object) || !json_object_object_get_ex(inner(object), key, &value))
        return NULL;
    return outer(value);
}

const char *nvb_json_get_str(const struct nvb_json *object, const char *key)
{
    return nvb_json_str(nvb_json_get(object, key));
}

bool nvb_json_get_bool(const struct nvb_json *object, const char *key)
{
    const struct nvb_json *value = nvb_json_get(object, key);

    return json_object_is_type(inner(value), json_type_boolean) &&
           json_object_get_boolean(inner(value));
}

size_t nvb_json_length(const struct nvb_json *array)
{
    if (!json_object_is_type(inner(array), json_type_array))
        return 0;
    return json_object_array_length(inner(array));
}

struct nvb_json *nvb_json_at(const struct nvb_json *array, size_t i)
{
    return i < nvb_json_length(array) ? outer(json_object_array_get_idx(inner(array), i)) : NULL;
}

const char *nvb_json_str(const struct nvb_json *json)
{
    if (!json_object_is_type(inner(json), json_type_string))
        return NULL;
    return json_object_get_string(inner(json));
}

bool nvb_json_is_object(const struct nvb_json *json)
{
    return json_object_is_type(inner(json), json_type_object);
}

bool nvb_json_is_array(const struct nvb_json *json)
{
    return json_object_is_type(inner(json), json_type_array);
}

bool nvb_json_has_keys(const struct nvb_json *json)
{
    return nvb_json_is_object(json) && json_object_object_length(inner(json)) > 0;
}

bool nvb_json_read_u64(const struct nvb_json *json, uint64_t *out)
{
    if (!json_object_is_type(inner(json), json_type_int) || json_object_get_int64(inner(json)) < 0)
        return false;
    *out = json_object_get_uint64(inner(json));
    return true;
}

bool nvb_json_read_i64(const struct nvb_json *json, int64_t *out)
{
    if (!json_object_is_type(inner(json), json_type_int) ||
        json_object_get_uint64(inner(json)) > INT64_MAX)
        return false;
    *out = json_object_get_int64(inner(json));
    return true;
}

bool nvb_json_read_bool(const struct nvb_json *json, bool *out)
{
    if (!json_object_is_type(inner(json), json_type_boolean))
        return false;
    *out = json_object_get_boolean(inner(json)) != 0;
    return true;
}

bool nvb_json_is_equal(const struct nvb_json *a, const struct nvb_json *b)
{
    return json_object_equal(inner(a), inner(b)) != 0;
}

static struct nvb_json_iter iter_at(const struct lh_entry *entry)
{
    if (!entry)
        return (struct nvb_json_iter){ 0 };
    return (struct nvb_json_iter){
        .key = lh_entry_k(entry),
        .value = lh_entry_v(entry),
        .next = lh_entry_next(entry),
    };
}

struct nvb_json_iter nvb_json_first(const struct nvb_json *object)
{
    if (!nvb_json_is_object(object))
        return (struct nvb_json_iter){ 0 };
    return iter_at(lh_table_head(json_object_get_object(inner(object))));
}

void nvb_json_advance(struct nvb_json_iter *iter)
{
    *iter = iter_at(iter->next);
}

struct nvb_json *nvb_json_ref(struct nvb_json *json)
{
    return outer(json_object_get(inner(json)));
}

void nvb_json_set_at(struct nvb_json *array, size_t i, struct nvb_json *take_value)
{
    if (json_object_array_put_idx(inner(array), i, inner(take_value)) != 0)
        abort();
}

void nvb_json_remove(struct nvb_json *array, size_t i)
{
    if (json_object_array_del_idx(inner(array), i, 1) != 0)
        abort();
}

/* json-c's strict mode still takes 'single quotes' around keys, NaN, Infinity and bare control
 * characters in strings: the first of them in a text that parsed, or `len`. */
static size_t find_laxness(const char *text, size_t len)
{
    bool is_in_string = false;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (is_in_string ? c < ' ' : c == '\'' || c == 'N' || c == 'I')
            return i;
        if (is_in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            is_in_string = !is_in_string;
        }
    }
    return len;
}

bool nvb_json_parse(const char *text,
                    size_t len,
                    const char *name,
                    struct nvb_json **out_json,
                    struct nvb_err *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
    struct json_object *parsed = NULL;
    enum json_tokener_error e = json_tokener_success;
    size_t at = 0;

    if (!tokener)
        abort();
    if (len > INT32_MAX) {
        json_tokener_free(tokener);
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "%s: too large", name);
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    parsed = json_tokener_parse_ex(tokener, text, (int)len);
    e = json_tokener_get_error(tokener);
    at = json_tokener_get_parse_end(tokener);
    /* A number at the very end is complete only once the tokener sees what follows it. */
    if (e == json_tokener_continue) {
        parsed = json_tokener_parse_ex(tokener, "", 1);
        e = json_tokener_get_error(tokener);
    }
    json_tokener_free(tokener);
    if (e != json_tokener_success) {
        (void)json_object_put(parsed);
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "%s: byte %zu: %s", name, at,
                        json_tokener_error_desc(e));
    }
    if (find_laxness(text, at) < at) {
        (void)json_object_put(parsed);
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "%s: byte %zu: not strict JSON", name,
                        find_laxness(text, at));
    }
    while (at < len && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    if (at < len) {
        (void)json_object_put(parsed);
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "%s: byte %zu: text behind the value", name,
                        at);
    }
    *out_json = outer(parsed);
    return true;
}

char *nvb_json_dup_text(const struct nvb_json *json, bool is_pretty)
{
    int flags =
        is_pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : JSON_C_TO_STRING_PLAIN;
    const char *text =
        json_object_to_json_string_ext(inner(json), flags | JSON_C_TO_STRING_NOSLASHESCAPE);

    return nvb_xasprintf("%s\n", text);
}

/* json-c escapes the control characters of ASCII below the blank and trusts all else; names of files
 * may hold any byte. */
void nvb_json_print(const struct nvb_json *json, FILE *out)
{
    nvb_autofree char *text = nvb_json_dup_text(json, true);
    size_t left = strlen(text);
    size_t n = 0;

    for (const char *p = text; left > 0; p += n, left -= n) {
        n = nvb_utf8_length(p, left);
        if (n == 0) {
            (void)fputs("\\ufffd", out);
            n = 1;
        } else if (nvb_is_control(p, n) && *p != '\n') {
            (void)fprintf(out, "\\u%04x", (unsigned char)p[n - 1]);
        } else {
            (void)fwrite(p, 1, n, out);
        }
    }
}
