/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "base/toml_internal.h"

bool toml_check_text(const struct nvb_toml *doc, struct nvb_err *err)
{
    const char *text = doc->text;

    for (size_t i = 0; i < doc->len;) {
        size_t n = nvb_utf8_length(text + i, doc->len - i);
        unsigned char c = (unsigned char)text[i];

        if (n == 0) {
            toml_fail(doc, i, err, "byte 0x%02x is not UTF-8", c);
            return nvb_hint(err, "save the file as UTF-8");
        }
        if (c == '\r' && text[i + 1] != '\n')
            return toml_fail(doc, i, err, "a carriage return without a line feed");
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return toml_fail(doc, i, err, "control character 0x%02x", c);
        i += n;
    }
    return true;
}

size_t toml_newline_length(const char *s)
{
    if (*s == '\n')
        return 1;
    return *s == '\r' ? 2 : 0; /* the check above: a \n follows */
}

void toml_skip_blanks(struct toml_reader *r)
{
    while (r->doc->text[r->at] == ' ' || r->doc->text[r->at] == '\t')
        r->at++;
}

static void skip_comment(struct toml_reader *r)
{
    if (r->doc->text[r->at] == '#')
        r->at += strcspn(r->doc->text + r->at, "\r\n");
}

void toml_skip_lines(struct toml_reader *r)
{
    size_t newline = 0;

    do {
        toml_skip_blanks(r);
        skip_comment(r);
        newline = toml_newline_length(r->doc->text + r->at);
        r->at += newline;
    } while (newline > 0);
}

bool toml_end_line(struct toml_reader *r, const char *behind)
{
    size_t newline = 0;

    toml_skip_blanks(r);
    skip_comment(r);
    newline = toml_newline_length(r->doc->text + r->at);
    if (newline == 0 && r->doc->text[r->at])
        return toml_fail(r->doc, r->at, r->err, "expected a line end behind the %s", behind);
    r->at += newline;
    return true;
}

bool toml_is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static void add_code_point(struct nvb_buf *b, uint32_t c)
{
    char s[4] = { 0 };
    size_t n = 0;

    if (c < 0x80) {
        s[n++] = (char)c;
    } else if (c < 0x800) {
        s[n++] = (char)(0xc0 | (c >> 6));
    } else if (c < 0x10000) {
        s[n++] = (char)(0xe0 | (c >> 12));
        s[n++] = (char)(0x80 | ((c >> 6) & 0x3f));
    } else {
        s[n++] = (char)(0xf0 | (c >> 18));
        s[n++] = (char)(0x80 | ((c >> 12) & 0x3f));
        s[n++] = (char)(0x80 | ((c >> 6) & 0x3f));
    }
    if (c >= 0x80)
        s[n++] = (char)(0x80 | (c & 0x3f));
    nvb_buf_add(b, s, n);
}

/* \uXXXX and \UXXXXXXXX; r->at is on the u. */
static bool scan_code_point(struct toml_reader *r, struct nvb_buf *b)
{
    static const char digits[] = "0123456789abcdef";
    const char *s = r->doc->text + r->at;
    size_t n = *s == 'u' ? 4 : 8;
    uint32_t c = 0;

    for (size_t i = 1; i <= n; i++) {
        char lower = (char)(s[i] >= 'A' && s[i] <= 'F' ? s[i] - 'A' + 'a' : s[i]);
        const char *digit = lower ? strchr(digits, lower) : NULL;

        if (!digit) {
            return toml_fail(r->doc, r->at - 1, r->err, "'\\%c' needs %zu hexadecimal digits", *s,
                             n);
        }
        c = c << 4 | (uint32_t)(digit - digits);
    }
    if (c > TOML_UTF8_MAX || (c >= 0xd800 && c <= 0xdfff)) {
        return toml_fail(r->doc, r->at - 1, r->err, "'\\%.*s' is not a Unicode character",
                         (int)n + 1, s);
    }
    add_code_point(b, c);
    r->at += n + 1;
    return true;
}

/* r->at is on the backslash. */
static bool scan_escape(struct toml_reader *r, struct nvb_buf *b)
{
    static const char letters[] = "btnfr\"\\";
    static const char meanings[] = "\b\t\n\f\r\"\\";
    char c = r->doc->text[++r->at];
    const char *letter = c ? strchr(letters, c) : NULL;

    if (c == 'u' || c == 'U')
        return scan_code_point(r, b);
    if (!letter) {
        size_t n = nvb_utf8_length(r->doc->text + r->at, r->doc->len - r->at);

        toml_fail(r->doc, r->at - 1, r->err, "unknown escape '\\%.*s'", (int)n,
                  r->doc->text + r->at);
        return nvb_hint(r->err, "write a backslash as \\\\, or the string in 'single quotes'");
    }
    nvb_buf_add(b, &meanings[letter - letters], 1);
    r->at++;
    return true;
}

static bool scan_one_line(struct toml_reader *r, struct nvb_buf *b)
{
    const char *text = r->doc->text;
    size_t start = r->at;
    char quote = text[r->at++];
    const char *stop = quote == '"' ? "\"\\\r\n" : "'\r\n";

    for (;;) {
        size_t n = strcspn(text + r->at, stop);

        nvb_buf_add(b, text + r->at, n);
        r->at += n;
        if (text[r->at] == quote)
            break;
        if (text[r->at] != '\\')
            return toml_fail(r->doc, start, r->err, "the string has no closing %c", quote);
        if (!scan_escape(r, b))
            return false;
    }
    r->at++;
    return true;
}

/* A backslash at the end of a line swallows the line end and all blanks behind it. */
static bool skip_joined_lines(struct toml_reader *r)
{
    const char *s = r->doc->text + r->at + 1;

    s += strspn(s, " \t");
    if (toml_newline_length(s) == 0)
        return false;
    s += strspn(s, " \t\r\n");
    r->at = (size_t)(s - r->doc->text);
    return true;
}

/* Up to two quotes may stand before the three that close; r->at is on the first of a run. */
static bool ends_with_quotes(struct toml_reader *r, struct nvb_buf *b)
{
    const char *s = r->doc->text + r->at;
    size_t n = 1;

    while (n < 5 && s[n] == s[0])
        n++;
    nvb_buf_add(b, s, n >= 3 ? n - 3 : n);
    r->at += n;
    return n >= 3;
}

static bool scan_multi_line(struct toml_reader *r, struct nvb_buf *b)
{
    const char *text = r->doc->text;
    size_t start = r->at;
    char quote = text[r->at];

    r->at += 3;
    r->at += toml_newline_length(text + r->at); /* the first one does not count */
    for (;;) {
        char c = text[r->at];

        if (!c) {
            return toml_fail(r->doc, start, r->err, "the string has no closing %c%c%c", quote,
                             quote, quote);
        }
        if (c == quote) {
            if (ends_with_quotes(r, b))
                return true;
        } else if (c == '\\' && quote == '"') {
            if (!skip_joined_lines(r) && !scan_escape(r, b))
                return false;
        } else if (c == '\r') {
            r->at++; /* a line end in a value is \n whatever the file has */
        } else {
            nvb_buf_add(b, &c, 1);
            r->at++;
        }
    }
}

static bool
scan_quoted(struct toml_reader *r, bool may_span_lines, char **out_text, size_t *out_len)
{
    nvb_auto_buf b = { 0 };
    const char *s = r->doc->text + r->at;
    bool spans_lines = may_span_lines && s[1] == s[0] && s[2] == s[0];

    nvb_buf_add(&b, "", 0);
    if (spans_lines ? !scan_multi_line(r, &b) : !scan_one_line(r, &b))
        return false;
    *out_len = b.len;
    *out_text = nvb_steal(&b.data);
    return true;
}

bool toml_scan_string(struct toml_reader *r, char **out_text, size_t *out_len)
{
    return scan_quoted(r, true, out_text, out_len);
}

static bool scan_key(struct toml_reader *r, struct toml_key *out)
{
    const char *s = r->doc->text + r->at;
    size_t n = 0;

    *out = (struct toml_key){ .start = r->at };
    if (*s == '"' || *s == '\'') {
        if (!scan_quoted(r, false, &out->text, &out->len))
            return false;
    } else {
        while (toml_is_bare(s[n]))
            n++;
        if (n == 0 && (unsigned char)*s >= 0x80) {
            toml_fail(r->doc, r->at, r->err, "expected a key");
            return nvb_hint(r->err, "put quotes around a key that has other letters than A-Z");
        }
        if (n == 0)
            return toml_fail(r->doc, r->at, r->err, "expected a key");
        out->text = nvb_xstrndup(s, n);
        out->len = n;
        r->at += n;
    }
    out->end = r->at;
    return true;
}

bool toml_scan_keys(struct toml_reader *r, struct toml_keys *out_keys)
{
    for (;;) {
        if (out_keys->n == TOML_DEPTH_MAX)
            return toml_fail(r->doc, r->at, r->err, "more than %d levels deep", TOML_DEPTH_MAX);
        toml_skip_blanks(r);
        if (!scan_key(r, &out_keys->items[out_keys->n]))
            return false;
        out_keys->n++;
        toml_skip_blanks(r);
        if (r->doc->text[r->at] != '.')
            return true;
        r->at++;
    }
}

void toml_keys_clear(struct toml_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        free(keys->items[i].text);
    keys->n = 0;
}
