/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259) into a document. json-c reads JSON, too, but knows no lines. */
#include <errno.h>
#include <string.h>

#include "base/doc_internal.h"

struct reader {
    const char *at;
    const char *end;
    const char *name;
    unsigned line;
    unsigned depth;
    unsigned values_left;
    struct nvb_err *err;
};

static bool fail(const struct reader *r, const char *what)
{
    return nvb_fail(r->err, NVB_D_BASE, NVB_E_INVALID, "%s:%u: %s", r->name, r->line, what);
}

static void skip_space(struct reader *r)
{
    for (; r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at; r->at++)
        r->line += *r->at == '\n';
}

static int peek(const struct reader *r)
{
    return r->at < r->end ? (unsigned char)*r->at : -1;
}

static bool accept(struct reader *r, char c)
{
    if (peek(r) != c)
        return false;
    r->at++;
    return true;
}

static bool fail_here(const struct reader *r, const char *wanted)
{
    int c = peek(r);

    if (c < 0) {
        return nvb_fail(r->err, NVB_D_BASE, NVB_E_INVALID, "%s:%u: the text ends where %s belongs",
                        r->name, r->line, wanted);
    }
    if (c < ' ' || c > '~') {
        return nvb_fail(r->err, NVB_D_BASE, NVB_E_INVALID, "%s:%u: byte 0x%02x where %s belongs",
                        r->name, r->line, (unsigned)c, wanted);
    }
    return nvb_fail(r->err, NVB_D_BASE, NVB_E_INVALID, "%s:%u: '%c' where %s belongs", r->name,
                    r->line, c, wanted);
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits; -1 when they are none. */
static long read_unit(struct reader *r)
{
    long unit = 0;

    for (int i = 0; i < 4; i++, r->at++) {
        int digit = hex_value(peek(r));

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void add_code(struct nvb_buf *b, unsigned long code)
{
    unsigned char bytes[4] = { 0 };
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = n; i-- > 1; code >>= 6)
        bytes[i] = (unsigned char)(0x80 | (code & 0x3f));
    bytes[0] = (unsigned char)(lead[n] | code);
    nvb_buf_add(b, bytes, n);
}

/* Behind "\u": a code point, of two units where it needs them. */
static bool read_code(struct reader *r, struct nvb_buf *b)
{
    long unit = read_unit(r);
    long second = 0;

    if (unit < 0)
        return fail(r, "\\u is followed by four hexadecimal digits");
    if (unit == 0)
        return fail(r, "a NUL cannot stand in text");
    if (unit < 0xd800 || unit > 0xdfff) {
        add_code(b, (unsigned long)unit);
        return true;
    }
    if (unit > 0xdbff || !accept(r, '\\') || !accept(r, 'u'))
        return fail(r, "half of a surrogate pair");
    second = read_unit(r);
    if (second < 0xdc00 || second > 0xdfff)
        return fail(r, "half of a surrogate pair");
    add_code(b,
             0x10000 + (((unsigned long)unit - 0xd800) << 10) + ((unsigned long)second - 0xdc00));
    return true;
}

static bool read_escape(struct reader *r, struct nvb_buf *b)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    int c = peek(r);
    const char *found = c > 0 ? strchr(from, c) : NULL;

    if (c == 'u') {
        r->at++;
        return read_code(r, b);
    }
    if (!found)
        return fail(r, "an escape that JSON does not know");
    nvb_buf_add(b, &to[found - from], 1);
    r->at++;
    return true;
}

/* Bytes that stand for themselves; 0 when the next is none of them. */
static size_t plain_length(const struct reader *r)
{
    const char *p = r->at;

    while (p < r->end && *p != '"' && *p != '\\' && (unsigned char)*p >= ' ') {
        size_t n = nvb_utf8_length(p, (size_t)(r->end - p));

        if (n == 0)
            break;
        p += n;
    }
    return (size_t)(p - r->at);
}

/* Behind the opening quote. */
static bool read_text(struct reader *r, char **out_text)
{
    nvb_auto_buf b = { 0 };

    nvb_buf_add(&b, "", 0);
    while (!accept(r, '"')) {
        size_t n = plain_length(r);

        nvb_buf_add(&b, r->at, n);
        r->at += n;
        if (n > 0)
            continue;
        if (accept(r, '\\')) {
            if (!read_escape(r, &b))
                return false;
        } else if (peek(r) < 0) {
            return fail(r, "the text ends inside of quotes");
        } else {
            return fail(r, (unsigned char)*r->at < ' ' ? "a control character inside of quotes"
                                                       : "bytes that are no UTF-8");
        }
    }
    *out_text = nvb_steal(&b.data);
    return true;
}

static size_t count_digits(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return (size_t)(p - start);
}

static bool is_integer(const char *text)
{
    errno = 0;
    if (*text == '-') {
        (void)strtoll(text, NULL, 10);
    } else {
        (void)strtoull(text, NULL, 10);
    }
    return errno == 0;
}

static bool read_number(struct reader *r, struct nvb_doc *out)
{
    const char *p = r->at + (*r->at == '-');
    size_t n = count_digits(p, r->end);
    bool is_float = false;

    if (n == 0 || (n > 1 && *p == '0'))
        return fail(r, "a number that JSON does not know");
    p += n;
    if (p < r->end && *p == '.') {
        is_float = true;
        n = count_digits(p + 1, r->end);
        p += n + 1;
    }
    if (n > 0 && p < r->end && (*p == 'e' || *p == 'E')) {
        is_float = true;
        p += p + 1 < r->end && (p[1] == '+' || p[1] == '-') ? 2 : 1;
        n = count_digits(p, r->end);
        p += n;
    }
    if (n == 0)
        return fail(r, "a number that JSON does not know");
    out->text = nvb_xstrndup(r->at, (size_t)(p - r->at));
    out->type = is_float ? NVB_DOC_FLOAT : NVB_DOC_INTEGER;
    r->at = p;
    return is_float || is_integer(out->text) || fail(r, "a number beyond 64 bits");
}

static bool read_word(struct reader *r, struct nvb_doc *out)
{
    static const struct {
        const char *word;
        enum nvb_doc_type type;
    } words[] = {
        {"true",   NVB_DOC_BOOL},
        { "false", NVB_DOC_BOOL},
        { "null",  NVB_DOC_NULL}
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t len = strlen(words[i].word);

        if ((size_t)(r->end - r->at) >= len && memcmp(r->at, words[i].word, len) == 0) {
            out->type = words[i].type;
            out->text = nvb_xstrdup(words[i].word);
            r->at += len;
            return true;
        }
    }
    return fail_here(r, "a value");
}

static bool read_value(struct reader *r, struct nvb_doc *out);

static bool read_entry(struct reader *r, struct nvb_doc *list)
{
    nvb_autofree char *key = NULL;
    struct nvb_doc value = { 0 };
    unsigned line = 0;

    skip_space(r);
    line = r->line;
    if (list->type == NVB_DOC_OBJECT) {
        if (!accept(r, '"'))
            return fail_here(r, "a key in quotes");
        if (!read_text(r, &key))
            return false;
        skip_space(r);
        if (!accept(r, ':'))
            return fail_here(r, "':'");
    }
    if (!read_value(r, &value)) {
        nvb_doc_clear(&value);
        return false;
    }
    nvb_doc_take_entry(list, nvb_steal(&key), line, &value);
    return true;
}

/* Behind the opening bracket. */
static bool read_list(struct reader *r, struct nvb_doc *out, char close)
{
    skip_space(r);
    if (accept(r, close))
        return true;
    do {
        if (!read_entry(r, out))
            return false;
        skip_space(r);
    } while (accept(r, ','));
    return accept(r, close) || fail_here(r, close == '}' ? "',' or '}'" : "',' or ']'");
}

static bool read_nested(struct reader *r, struct nvb_doc *out)
{
    bool is_object = *r->at++ == '{';
    bool ok = false;

    if (++r->depth > NVB_DOC_DEPTH_MAX)
        return fail(r, "more than 64 levels deep");
    out->type = is_object ? NVB_DOC_OBJECT : NVB_DOC_ARRAY;
    ok = read_list(r, out, is_object ? '}' : ']');
    r->depth--;
    return ok;
}

static bool read_value(struct reader *r, struct nvb_doc *out)
{
    skip_space(r);
    out->line = r->line;
    if (r->values_left == 0)
        return fail(r, "more than 1048576 values");
    r->values_left--;
    switch (peek(r)) {
    case '{':
    case '[':
        return read_nested(r, out);
    case '"':
        r->at++;
        out->type = NVB_DOC_TEXT;
        return read_text(r, &out->text);
    default:
        break;
    }
    if (peek(r) == '-' || (peek(r) >= '0' && peek(r) <= '9'))
        return read_number(r, out);
    return read_word(r, out);
}

bool nvb_doc_parse_json(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_doc *out,
                        struct nvb_err *err)
{
    nvb_auto_doc doc = { 0 };
    struct reader r = {
        .at = text,
        .end = text + len,
        .name = name,
        .line = 1,
        .values_left = NVB_DOC_VALUES_MAX,
        .err = err,
    };

    if (len > NVB_DOC_SIZE_MAX)
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "%s: larger than 16 MiB", name);
    if (!read_value(&r, &doc))
        return false;
    skip_space(&r);
    if (r.at < r.end)
        return fail_here(&r, "nothing more");
    *out = doc;
    doc = (struct nvb_doc){ 0 };
    return true;
}
