/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/json_sink.h"

#include <assert.h>
#include <string.h>

/* What json-c escapes: quotes, backslashes, and ASCII's control characters. */
static void add_quoted(struct nvb_buf *out, const char *text)
{
    static const char plain[] = "\"\\\b\n\r\t\f";
    static const char letters[] = "\"\\bnrtf";

    nvb_buf_add(out, "\"", 1);
    while (*text) {
        const char *end = text;
        const char *known = NULL;

        while ((unsigned char)*end >= ' ' && *end != '"' && *end != '\\')
            end++;
        nvb_buf_add(out, text, (size_t)(end - text));
        text = end;
        if (!*text)
            break;
        known = strchr(plain, *text);
        if (known) {
            nvb_buf_addf(out, "\\%c", letters[known - plain]);
        } else {
            nvb_buf_addf(out, "\\u%04x", (unsigned char)*text);
        }
        text++;
    }
    nvb_buf_add(out, "\"", 1);
}

/* What stands before a value: a comma, its key. */
static void begin(struct nvb_sink *sink, const char *key)
{
    if (sink->has_before)
        nvb_buf_add(sink->text, ",", 1);
    sink->has_before = true;
    if (key) {
        add_quoted(sink->text, key);
        nvb_buf_add(sink->text, ":", 1);
    }
}

static void attach(struct nvb_sink *sink, const char *key, struct nvb_json *take_value)
{
    struct nvb_json *parent = sink->open[sink->depth - 1];

    if (key) {
        nvb_json_set(parent, key, take_value);
    } else {
        nvb_json_append(parent, take_value);
    }
}

void nvb_sink_open(struct nvb_sink *sink, const char *key, char kind)
{
    assert(sink->depth < NVB_SINK_DEPTH);
    if (sink->text) {
        begin(sink, key);
        nvb_buf_add(sink->text, &kind, 1);
        sink->has_before = false;
    } else {
        struct nvb_json *value = kind == '{' ? nvb_json_new_object() : nvb_json_new_array();

        if (sink->depth > 0)
            attach(sink, key, value);
        sink->open[sink->depth] = value;
    }
    sink->ends[sink->depth++] = kind == '{' ? '}' : ']';
}

struct nvb_json *nvb_sink_close(struct nvb_sink *sink)
{
    assert(sink->depth > 0);
    sink->depth--;
    if (sink->text) {
        nvb_buf_add(sink->text, &sink->ends[sink->depth], 1);
        sink->has_before = true;
        return NULL;
    }
    return sink->depth == 0 ? sink->open[0] : NULL;
}

void nvb_sink_str(struct nvb_sink *sink, const char *key, const char *text)
{
    if (sink->text) {
        begin(sink, key);
        if (text) {
            add_quoted(sink->text, text);
        } else {
            nvb_buf_add_str(sink->text, "null");
        }
    } else {
        attach(sink, key, nvb_json_new_str(text));
    }
}

void nvb_sink_u64(struct nvb_sink *sink, const char *key, uint64_t number)
{
    if (sink->text) {
        begin(sink, key);
        nvb_buf_addf(sink->text, "%llu", (unsigned long long)number);
    } else {
        attach(sink, key, nvb_json_new_u64(number));
    }
}

void nvb_sink_bool(struct nvb_sink *sink, const char *key, bool value)
{
    if (sink->text) {
        begin(sink, key);
        nvb_buf_add_str(sink->text, value ? "true" : "false");
    } else {
        nvb_json_set_bool(sink->open[sink->depth - 1], key, value);
    }
}

void nvb_sink_json(struct nvb_sink *sink, const char *key, struct nvb_json *json)
{
    if (sink->text) {
        nvb_autofree char *text = nvb_json_dup_text(json, false);

        begin(sink, key);
        nvb_buf_add(sink->text, text, strlen(text) - 1); /* less the line end */
    } else {
        attach(sink, key, nvb_json_ref(json));
    }
}
