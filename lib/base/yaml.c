/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/yaml.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_word(const char *text)
{
    static const char *const words[] = { "true", "false", "yes", "no",   "on",
                                         "off",  "y",     "n",   "null", NULL };

    for (size_t i = 0; words[i]; i++) {
        if (strcasecmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

/* Begins with a letter, '/' or '_', so it is no number; a colon only between others. */
static bool is_plain(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '/' && *text != '_')
        return false;
    for (const char *p = text; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("/_.=+@,-:", *p))
            return false;
    }
    return text[strlen(text) - 1] != ':' && !is_word(text);
}

/* One character, UTF-8 or not, as an escape; returns its length. */
static size_t add_escape(struct nvb_buf *b, const char *p)
{
    const unsigned char *s = (const unsigned char *)p;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    unsigned long code = n == 1 ? s[0] : s[0] & (0x7fUL >> n);

    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return i; /* no UTF-8, which the JSON face does not let in */
        code = code << 6 | (s[i] & 0x3f);
    }
    if (code == '"' || code == '\\') {
        nvb_buf_addf(b, "\\%c", (char)code);
    } else if (code < 0x10000) {
        nvb_buf_addf(b, "\\u%04lx", code);
    } else {
        nvb_buf_addf(b, "\\U%08lx", code);
    }
    return n;
}

static void add_text(struct nvb_buf *b, const char *text)
{
    if (is_plain(text)) {
        nvb_buf_add_str(b, text);
        return;
    }
    nvb_buf_add_str(b, "\"");
    while (*text) {
        if (*text >= ' ' && *text <= '~' && *text != '"' && *text != '\\') {
            nvb_buf_add(b, text++, 1);
        } else {
            text += add_escape(b, text);
        }
    }
    nvb_buf_add_str(b, "\"");
}

static bool is_scalar(const struct nvb_json *json)
{
    return !nvb_json_is_object(json) && !nvb_json_is_array(json);
}

static bool is_block(const struct nvb_json *json)
{
    return nvb_json_length(json) > 0 || nvb_json_has_keys(json);
}

static void add_scalar(struct nvb_buf *b, const struct nvb_json *json)
{
    nvb_autofree char *text = NULL;

    if (nvb_json_str(json)) {
        add_text(b, nvb_json_str(json));
        return;
    }
    text = nvb_json_dup_text(json, false);
    text[strlen(text) - 1] = '\0';
    nvb_buf_add_str(b, text);
}

static void add_block(struct nvb_buf *b, const struct nvb_json *json, unsigned column);

/* Behind "key:" or "-", which stand in `column`: on the same line what fits there. */
static void add_value(struct nvb_buf *b, const struct nvb_json *value, unsigned column)
{
    if (is_block(value)) {
        nvb_buf_add_str(b, "\n");
        add_block(b, value, (column / 4 + 1) * 4);
        return;
    }
    nvb_buf_add_str(b, " ");
    if (is_scalar(value)) {
        add_scalar(b, value);
    } else {
        nvb_buf_add_str(b, nvb_json_is_array(value) ? "[]" : "{}");
    }
    nvb_buf_add_str(b, "\n");
}

/* The first key stands where the line already is. */
static void add_object(struct nvb_buf *b, const struct nvb_json *json, unsigned column)
{
    bool is_first = true;

    nvb_json_foreach(it, json) {
        nvb_buf_addf(b, "%*s", is_first ? 0 : (int)column, "");
        add_text(b, it.key);
        nvb_buf_add_str(b, ":");
        add_value(b, it.value, column);
        is_first = false;
    }
}

static void add_block(struct nvb_buf *b, const struct nvb_json *json, unsigned column)
{
    if (nvb_json_is_object(json)) {
        nvb_buf_addf(b, "%*s", (int)column, "");
        add_object(b, json, column);
        return;
    }
    for (size_t i = 0; i < nvb_json_length(json); i++) {
        const struct nvb_json *item = nvb_json_at(json, i);

        nvb_buf_addf(b, "%*s-", (int)column, "");
        if (nvb_json_has_keys(item)) {
            nvb_buf_add_str(b, " ");
            add_object(b, item, column + 2);
        } else {
            add_value(b, item, column);
        }
    }
}

char *nvb_yaml_dup_text(const struct nvb_json *json)
{
    struct nvb_buf b = { 0 };

    nvb_buf_add_str(&b, "---");
    if (is_block(json)) {
        nvb_buf_add_str(&b, "\n");
        add_block(&b, json, 0);
    } else {
        add_value(&b, json, 0);
    }
    return b.data;
}
