/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/toml_internal.h"

enum {
    WINDOW_LEFT = 60,  /* characters of a long line that are shown before the caret */
    WINDOW_WIDTH = 80, /* and altogether */
};

/* Places only move on, so that a file is counted once however many values ask. */
void toml_place_move(const struct nvb_toml *doc, struct toml_place *place, size_t at)
{
    for (; place->at < at; place->at++) {
        if (doc->text[place->at] == '\n') {
            place->line++;
            place->column = 1;
        } else if (!toml_is_tail(doc->text[place->at])) {
            place->column++;
        }
    }
}

static struct toml_place place_of(const struct nvb_toml *doc, size_t at)
{
    struct toml_place place = { .at = toml_mark_length(doc->text), .line = 1, .column = 1 };

    toml_place_move(doc, &place, at);
    return place;
}

/* The text goes to a terminal: nothing in it may move the cursor, C1 controls included. */
static void add_printable(struct nvb_buf *b, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = nvb_utf8_length(s + i, len - i);

        if (s[i] == '\t') {
            nvb_buf_add_str(b, " ");
        } else if (n == 0 || nvb_is_control(s + i, n)) {
            nvb_buf_add_str(b, "?");
        } else {
            nvb_buf_add(b, s + i, n);
        }
        i += n ? n : 1;
    }
}

/* The line around `at` with a caret below, as two lines; a long line is cut on both sides. */
static void add_excerpt(struct nvb_buf *b, const struct nvb_toml *doc, size_t at, unsigned line)
{
    const char *text = doc->text;
    size_t first = toml_mark_length(text);
    size_t from = at;
    size_t to = at;
    unsigned left = 0;
    unsigned width = 0;
    bool is_cut = false;

    while (from > first && text[from - 1] != '\n' && left < WINDOW_LEFT)
        left += !toml_is_tail(text[--from]);
    is_cut = from > first && text[from - 1] != '\n';
    for (width = left; to < doc->len && text[to] != '\n' && width < WINDOW_WIDTH; to++)
        width += !toml_is_tail(text[to]);
    while (to < doc->len && toml_is_tail(text[to]))
        to++;
    nvb_buf_addf(b, "\n%5u | %s", line, is_cut ? "..." : "");
    add_printable(b, text + from, to - from - (to > from && text[to - 1] == '\r'));
    if (to < doc->len && text[to] != '\n' && text[to] != '\r')
        nvb_buf_add_str(b, "...");
    nvb_buf_addf(b, "\n      | %*s^", (int)left + (is_cut ? 3 : 0), "");
}

NVB_PRINTF(5, 0)

static bool fail(const struct nvb_toml *doc,
                 size_t at,
                 enum nvb_domain domain,
                 struct nvb_err *err,
                 const char *fmt,
                 va_list ap)
{
    struct toml_place place = place_of(doc, at);
    nvb_autofree char *what = NULL;
    nvb_auto_buf b = { 0 };

    if (vasprintf(&what, fmt, ap) < 0)
        abort();
    add_printable(&b, what, strlen(what));
    add_excerpt(&b, doc, at, place.line);
    return nvb_fail(err, domain, NVB_E_INVALID, "%s:%u:%u: %s", doc->name, place.line, place.column,
                    b.data);
}

bool toml_fail(const struct nvb_toml *doc, size_t at, struct nvb_err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)fail(doc, at, NVB_D_BASE, err, fmt, ap);
    va_end(ap);
    return false;
}

bool nvb_toml_fail_at(const struct nvb_toml *doc,
                      const struct nvb_toml_value *value,
                      enum nvb_domain domain,
                      struct nvb_err *err,
                      const char *fmt,
                      ...)
{
    const struct toml_node *node = (const struct toml_node *)(const void *)value;
    va_list ap;

    va_start(ap, fmt);
    (void)fail(doc, node->start, domain, err, fmt, ap);
    va_end(ap);
    return false;
}

bool nvb_toml_fail_at_key(const struct nvb_toml *doc,
                          const struct nvb_toml_value *value,
                          enum nvb_domain domain,
                          struct nvb_err *err,
                          const char *fmt,
                          ...)
{
    const struct toml_node *node = (const struct toml_node *)(const void *)value;
    va_list ap;

    va_start(ap, fmt);
    (void)fail(doc, node->is_entry ? node->key_start : node->start, domain, err, fmt, ap);
    va_end(ap);
    return false;
}
