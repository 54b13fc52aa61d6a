/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Every case of the public suite (toml-lang/toml-test) for TOML 1.0: valid documents must give
 * the values of the tagged JSON beside them and print back byte for byte, invalid ones must be
 * refused with a place. The suite is not part of this tree: it is looked for beside the
 * checkout, or in $NVB_TOML_TEST. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/toml.h"
#include "test.h"

enum {
    FILE_MAX = 1 << 20,
};

static bool is_same(const struct nvb_toml_value *value, const struct nvb_json *want);

static const char *tag_of(enum nvb_toml_type type)
{
    static const char *const tags[] = {
        [NVB_TOML_STRING] = "string",         [NVB_TOML_INTEGER] = "integer",
        [NVB_TOML_FLOAT] = "float",           [NVB_TOML_BOOL] = "bool",
        [NVB_TOML_DATETIME] = "datetime",     [NVB_TOML_LOCAL_DATETIME] = "datetime-local",
        [NVB_TOML_LOCAL_DATE] = "date-local", [NVB_TOML_LOCAL_TIME] = "time-local",
    };

    return type >= NVB_TOML_STRING ? tags[type] : "none";
}

/* "07:32:00.600" and "07:32:00.6" are the same time. */
static char *dup_trimmed_date(const char *text)
{
    const char *point = strchr(text, '.');
    nvb_auto_buf b = { 0 };
    size_t digits = 0;
    size_t kept = 0;

    if (!point)
        return nvb_xstrdup(text);
    digits = strspn(point + 1, "0123456789");
    for (kept = digits; kept > 0 && point[kept] == '0'; kept--)
        continue;
    nvb_buf_add(&b, text, (size_t)(point - text) + (kept ? kept + 1 : 0));
    nvb_buf_add_str(&b, point + 1 + digits);
    return nvb_steal(&b.data);
}

static bool is_same_real(double got, const char *want)
{
    double wanted = strtod(want, NULL);

    return (isnan(got) && isnan(wanted)) || (got <= wanted && got >= wanted);
}

/* json-c hands strings out up to their first NUL; so much is compared. */
static bool is_same_scalar(const struct nvb_toml_value *value, const char *want)
{
    nvb_autofree char *got_date = NULL;
    nvb_autofree char *want_date = NULL;
    char number[32];

    switch (value->type) {
    case NVB_TOML_STRING:
        return strcmp(value->string.text, want) == 0;
    case NVB_TOML_INTEGER:
        (void)snprintf(number, sizeof(number), "%lld", (long long)value->integer);
        return strcmp(number, want) == 0;
    case NVB_TOML_FLOAT:
        return is_same_real(value->real, want);
    case NVB_TOML_BOOL:
        return strcmp(value->boolean ? "true" : "false", want) == 0;
    case NVB_TOML_DATETIME:
    case NVB_TOML_LOCAL_DATETIME:
    case NVB_TOML_LOCAL_DATE:
    case NVB_TOML_LOCAL_TIME:
        got_date = dup_trimmed_date(value->string.text);
        want_date = dup_trimmed_date(want);
        return strcmp(got_date, want_date) == 0;
    case NVB_TOML_TABLE:
    case NVB_TOML_ARRAY:
        break;
    }
    return false;
}

/* That the JSON has no further keys is seen by counting, below. */
static bool is_same_table(const struct nvb_toml_value *value, const struct nvb_json *want)
{
    for (size_t i = 0; i < value->table.n; i++) {
        if (!is_same(value->table.values[i], nvb_json_get(want, value->table.keys[i])))
            return false;
    }
    return nvb_json_is_object(want);
}

static bool is_same_array(const struct nvb_toml_value *value, const struct nvb_json *want)
{
    if (nvb_json_length(want) != value->array.n)
        return false;
    for (size_t i = 0; i < value->array.n; i++) {
        if (!is_same(value->array.items[i], nvb_json_at(want, i)))
            return false;
    }
    return true;
}

static bool is_same(const struct nvb_toml_value *value, const struct nvb_json *want)
{
    const char *tag = nvb_json_get_str(want, "type");
    const char *text = nvb_json_get_str(want, "value");

    if (!want)
        return false;
    if (value->type == NVB_TOML_TABLE)
        return is_same_table(value, want);
    if (value->type == NVB_TOML_ARRAY)
        return is_same_array(value, want);
    return tag && text && strcmp(tag, tag_of(value->type)) == 0 && is_same_scalar(value, text);
}

struct count {
    size_t n_objects; /* a tagged value is an object too */
    size_t n_arrays;
};

static void count_values(const struct nvb_toml_value *value, struct count *n)
{
    if (value->type == NVB_TOML_ARRAY) {
        n->n_arrays++;
        for (size_t i = 0; i < value->array.n; i++)
            count_values(value->array.items[i], n);
        return;
    }
    n->n_objects++;
    for (size_t i = 0; value->type == NVB_TOML_TABLE && i < value->table.n; i++)
        count_values(value->table.values[i], n);
}

static struct count count_json(const struct nvb_json *json)
{
    nvb_autofree char *text = nvb_json_dup_text(json, false);
    struct count n = { 0 };
    bool is_quoted = false;

    for (const char *p = text; *p; p++) {
        if (is_quoted && *p == '\\') {
            p++;
        } else if (*p == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted) {
            n.n_objects += *p == '{';
            n.n_arrays += *p == '[';
        }
    }
    return n;
}

static bool is_valid_ok(int dir_fd, const char *path, const struct nvb_toml *doc)
{
    nvb_autofree char *json_path = nvb_xasprintf("%.*s.json", (int)strlen(path) - 5, path);
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };
    struct count got = { 0 };
    struct count want = { 0 };
    size_t len = 0;

    EXPECT(nvb_read_file(dir_fd, json_path, FILE_MAX, &text, &len, &err));
    EXPECT(nvb_json_parse(text, len, json_path, &json, &err));
    count_values(nvb_toml_root(doc), &got);
    want = count_json(json);
    return is_same(nvb_toml_root(doc), json) && got.n_objects == want.n_objects &&
           got.n_arrays == want.n_arrays;
}

/* One case; says what is wrong with it. */
static bool check(int dir_fd, const char *path)
{
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_toml) doc = NULL;
    nvb_auto_err err = { 0 };
    bool must_parse = nvb_has_prefix(path, "valid/");
    bool is_parsed = false;
    size_t len = 0;
    size_t printed = 0;

    EXPECT(nvb_read_file(dir_fd, path, FILE_MAX, &text, &len, &err));
    is_parsed = nvb_toml_parse(text, len, path, &doc, &err);
    if (is_parsed != must_parse) {
        printf("# %s: %s\n", path, is_parsed ? "must be refused" : err.lines[0]);
        return false;
    }
    if (!is_parsed)
        return nvb_has_prefix(err.lines[0], path) && strstr(err.lines[0], "^");
    if (memcmp(nvb_toml_text(doc, &printed), text, len) != 0 || printed != len ||
        !is_valid_ok(dir_fd, path, doc)) {
        printf("# %s: other values\n", path);
        return false;
    }
    return true;
}

static int open_suite(void)
{
    const char *path = getenv("NVB_TOML_TEST");
    int fd = -1;

    path = path && *path ? path : NVB_SOURCE_ROOT "/../shared/toml-test";
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        SKIP("no toml-test suite beside the checkout; name its folder in NVB_TOML_TEST");
    return fd;
}

TEST(reads_the_public_suite)
{
    nvb_autoclose int dir_fd = open_suite();
    nvb_autofree char *list = NULL;
    nvb_auto_err err = { 0 };
    size_t n = 0;
    size_t n_ok = 0;
    char *rest = NULL;

    EXPECT(nvb_read_file(dir_fd, "files-toml-1.0.0", FILE_MAX, &list, NULL, &err));
    for (char *path = strtok_r(list, "\r\n", &rest); path; path = strtok_r(NULL, "\r\n", &rest)) {
        if (!nvb_has_suffix(path, ".toml"))
            continue;
        n++;
        n_ok += check(dir_fd, path);
    }
    printf("# %zu of %zu cases\n", n_ok, n);
    EXPECT(n > 600 && n_ok == n);
}
