/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "request/request_json.h"

#include <string.h>

#include "request/network.h"
#include "request/request_words.h"

/* Paths, words and values of variables may hold any byte, a JSON string may not. What is no UTF-8
 * stands as {"hex": "636166e9"}. */
static bool is_utf8(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t n = nvb_utf8_length(text, left);

        if (n == 0)
            return false;
        text += n;
        left -= n;
    }
    return true;
}

static struct nvb_json *text_to_json(const char *text)
{
    struct nvb_json *object = NULL;
    nvb_auto_buf hex = { 0 };

    if (is_utf8(text))
        return nvb_json_new_str(text);
    for (const char *p = text; *p; p++)
        nvb_buf_addf(&hex, "%02x", (unsigned char)*p);
    object = nvb_json_new_object();
    nvb_json_set_str(object, "hex", hex.data);
    return object;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* NULL when it is neither. */
static char *dup_text(const struct nvb_json *json)
{
    const char *text = nvb_json_str(json);
    const char *hex = nvb_json_get_str(json, "hex");
    size_t len = hex ? strlen(hex) : 0;
    nvb_autofree char *out = NULL;

    if (text)
        return nvb_xstrdup(text);
    if (!hex || len % 2 != 0)
        return NULL;
    out = nvb_xcalloc(len / 2 + 1, 1);
    for (size_t i = 0; i < len / 2; i++) {
        int high = digit_of(hex[2 * i]);
        int low = digit_of(hex[2 * i + 1]);

        if (high < 0 || low < 0 || high + low == 0)
            return NULL;
        out[i] = (char)(high * 16 + low);
    }
    return nvb_steal(&out);
}

enum type {
    TEXT,
    LIST,
    FLAG,
    NUMBER,  /* uint64_t */
    NATURAL, /* unsigned */
    WORD,    /* an enum by its name */
};

#define AT(field) offsetof(struct nvb_request, field)

static const char *const networks[] = { "none", "host", "internet", "lan", NULL };
static const char *const displays[] = { "none", "auto", "x11", "wayland", NULL };
static const char *const sandboxes[] = { "strict", "steam", NULL };

static const char *const maps[] = { "auto", "single", "full", NULL };
static const char *const pulls[] = { "missing", "always", "never", NULL };

static const struct field {
    const char *key;
    enum type type;
    size_t offset;
    size_t count_offset;      /* LIST */
    const char *const *words; /* WORD */
} fields[] = {
    {"image",                 TEXT,    AT(image),                0,                  NULL             },
    { "command",              LIST,    AT(command),              AT(n_command),      NULL             },
    { "profile",              TEXT,    AT(profile),              0,                  NULL             },
    { "gpus",                 LIST,    AT(gpus),                 AT(n_gpus),         NULL             },
    { "env",                  LIST,    AT(env),                  AT(n_env),          NULL             },
    { "workdir",              TEXT,    AT(workdir),              0,                  NULL             },
    { "hostname",             TEXT,    AT(hostname),             0,                  NULL             },
    { "name",                 TEXT,    AT(name),                 0,                  NULL             },
    { "network",              WORD,    AT(network),              0,                  networks         },
    { "joined",               TEXT,    AT(joined),               0,                  NULL             },
    { "has_display",          FLAG,    AT(has_display),          0,                  NULL             },
    { "display",              WORD,    AT(display),              0,                  displays         },
    { "has_sandbox",          FLAG,    AT(has_sandbox),          0,                  NULL             },
    { "sandbox",              WORD,    AT(sandbox),              0,                  sandboxes        },
    { "read_only",            FLAG,    AT(is_read_only),         0,                  NULL             },
    { "tty",                  FLAG,    AT(has_tty),              0,                  NULL             },
    { "interactive",          FLAG,    AT(is_interactive),       0,                  NULL             },
    { "memory_bytes",         NUMBER,  AT(memory_bytes),         0,                  NULL             },
    { "cpu_millis",           NUMBER,  AT(cpu_millis),           0,                  NULL             },
    { "pids",                 NUMBER,  AT(n_pids),               0,                  NULL             },
    { "user",                 TEXT,    AT(user),                 0,                  NULL             },
    { "entrypoint",           TEXT,    AT(entrypoint),           0,                  NULL             },
    { "userns",               WORD,    AT(userns),               0,                  maps             },
    { "pull",                 WORD,    AT(pull),                 0,                  pulls            },
    { "added_caps",           LIST,    AT(added_caps),           AT(n_added_caps),   NULL             },
    { "dropped_caps",         LIST,    AT(dropped_caps),         AT(n_dropped_caps), NULL             },
    { "trusts_image_gpu_env", FLAG,    AT(trusts_image_gpu_env), 0,                  NULL             },
    { "detached",             FLAG,    AT(is_detached),          0,                  NULL             },
    { "auto_remove",          FLAG,    AT(is_auto_removed),      0,                  NULL             },
    { "restart",              WORD,    AT(restart),              0,                  nvb_restart_names},
    { "restart_max",          NATURAL, AT(restart_max),          0,                  NULL             },
    { "labels",               LIST,    AT(labels),               AT(n_labels),       NULL             },
    { "stop_signal",          NATURAL, AT(stop_signal),          0,                  NULL             },
    { "has_stop_timeout",     FLAG,    AT(has_stop_timeout),     0,                  NULL             },
    { "stop_timeout_s",       NATURAL, AT(stop_timeout_s),       0,                  NULL             },
};

/* Where a field lies in a request; enums are unsigned. */
union place {
    const void *any;
    char **text;
    char ***list;
    bool *flag;
    uint64_t *number;
    unsigned *natural;
};

static union place place_in(const struct nvb_request *request, size_t offset)
{
    return (union place){ .any = (const char *)request + offset };
}

static struct nvb_json *list_to_json(char *const *items, size_t n)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < n; i++)
        nvb_json_append(array, text_to_json(items[i]));
    return array;
}

/* NULL when it is unset. */
static struct nvb_json *field_to_json(const struct nvb_request *request, const struct field *f)
{
    union place at = place_in(request, f->offset);
    size_t n = *(const size_t *)place_in(request, f->count_offset).any;

    switch (f->type) {
    case TEXT:
        return *at.text ? text_to_json(*at.text) : NULL;
    case LIST:
        return n > 0 ? list_to_json(*at.list, n) : NULL;
    case FLAG:
        return *at.flag ? nvb_json_new_bool(true) : NULL;
    case NUMBER:
        return *at.number ? nvb_json_new_u64(*at.number) : NULL;
    case NATURAL:
        return *at.natural ? nvb_json_new_u64(*at.natural) : NULL;
    case WORD:
        return *at.natural ? nvb_json_new_str(f->words[*at.natural]) : NULL;
    }
    return NULL;
}

static struct nvb_json *volumes_to_json(const struct nvb_request *request)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < request->n_volumes; i++) {
        const struct nvb_volume *v = &request->volumes[i];
        struct nvb_json *object = nvb_json_new_object();

        nvb_json_set(object, "source", text_to_json(v->source));
        nvb_json_set(object, "destination", text_to_json(v->destination));
        nvb_json_set_bool(object, "read_only", v->is_ro);
        nvb_json_append(array, object);
    }
    return array;
}

/* As they are written on the command line. */
static struct nvb_json *ports_to_json(const struct nvb_request *request)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < request->n_ports; i++) {
        nvb_autofree char *text = nvb_port_dup_text(&request->ports[i]);

        nvb_json_append(array, nvb_json_new_str(text));
    }
    return array;
}

struct nvb_json *nvb_request_to_json(const struct nvb_request *request)
{
    struct nvb_json *json = nvb_json_new_object();

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct nvb_json *value = field_to_json(request, &fields[i]);

        if (value)
            nvb_json_set(json, fields[i].key, value);
    }
    if (request->n_volumes > 0)
        nvb_json_set(json, "volumes", volumes_to_json(request));
    if (request->n_ports > 0)
        nvb_json_set(json, "ports", ports_to_json(request));
    return json;
}

static bool read_list(const struct nvb_json *json, char ***out_items, size_t *out_n)
{
    size_t n = nvb_json_length(json);

    *out_items = nvb_xcalloc(n + 1, sizeof(**out_items));
    for (size_t i = 0; i < n; i++) {
        (*out_items)[i] = dup_text(nvb_json_at(json, i));
        if (!(*out_items)[i])
            return false;
        *out_n = i + 1;
    }
    return nvb_json_is_array(json);
}

static bool read_natural(const struct nvb_json *json, unsigned *out)
{
    uint64_t number = 0;

    if (!nvb_json_read_u64(json, &number) || number > UINT32_MAX)
        return false;
    *out = (unsigned)number;
    return true;
}

static bool read_word(const struct nvb_json *json, const char *const *words, unsigned *out)
{
    const char *word = nvb_json_str(json);

    for (unsigned i = 0; word && words[i]; i++) {
        if (strcmp(words[i], word) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool
read_field(struct nvb_request *request, const struct field *f, const struct nvb_json *object)
{
    const struct nvb_json *json = nvb_json_get(object, f->key);
    union place at = place_in(request, f->offset);
    size_t n = 0;

    switch (f->type) {
    case TEXT:
        *at.text = dup_text(json);
        return *at.text != NULL;
    case LIST: {
        bool ok = read_list(json, at.list, &n);

        memcpy((char *)request + f->count_offset, &n, sizeof(n));
        return ok;
    }
    case FLAG:
        *at.flag = nvb_json_get_bool(object, f->key);
        return true;
    case NUMBER:
        return nvb_json_read_u64(json, at.number);
    case NATURAL:
        return read_natural(json, at.natural);
    case WORD:
        return read_word(json, f->words, at.natural);
    }
    return false;
}

static bool read_volumes(struct nvb_request *request, const struct nvb_json *array)
{
    size_t n = nvb_json_length(array);

    if (!array)
        return true;
    request->volumes = nvb_xcalloc(n + 1, sizeof(*request->volumes));
    for (size_t i = 0; i < n; i++) {
        struct nvb_volume *v = &request->volumes[i];
        const struct nvb_json *object = nvb_json_at(array, i);

        request->n_volumes = i + 1;
        v->source = dup_text(nvb_json_get(object, "source"));
        v->destination = dup_text(nvb_json_get(object, "destination"));
        v->is_ro = nvb_json_get_bool(object, "read_only");
        if (!v->source || !v->destination || *v->source != '/' || *v->destination != '/')
            return false;
    }
    return nvb_json_is_array(array);
}

static bool read_ports(struct nvb_request *request, const struct nvb_json *array)
{
    nvb_auto_err ignored = { 0 };

    for (size_t i = 0; i < nvb_json_length(array); i++) {
        const char *text = nvb_json_str(nvb_json_at(array, i));

        if (!text || !nvb_request_add_port(request, text, &ignored))
            return false;
    }
    return !array || nvb_json_is_array(array);
}

static bool
fail_field(struct nvb_request *take_request, const char *name, const char *key, struct nvb_err *err)
{
    nvb_request_free(take_request);
    return nvb_fail(err, NVB_D_REQUEST, NVB_E_IO, "%s: '%s' is damaged", name, key);
}

bool nvb_request_from_json(const struct nvb_json *json,
                           const char *name,
                           struct nvb_request **out_request,
                           struct nvb_err *err)
{
    struct nvb_request *request = nvb_request_new();

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (nvb_json_get(json, fields[i].key) && !read_field(request, &fields[i], json))
            return fail_field(request, name, fields[i].key, err);
    }
    if (!request->image)
        return fail_field(request, name, "image", err);
    if (!read_volumes(request, nvb_json_get(json, "volumes")))
        return fail_field(request, name, "volumes", err);
    if (!read_ports(request, nvb_json_get(json, "ports")))
        return fail_field(request, name, "ports", err);
    *out_request = request;
    return true;
}
