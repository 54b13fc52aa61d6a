/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/toml_internal.h"

/* A word of the document on its way to a value. */
struct word {
    const char *s; /* borrowed, not terminated */
    size_t len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_char(char c)
{
    return toml_is_bare(c) || c == '+' || c == '.' || c == ':';
}

static bool has_word(struct word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.s, text, w.len) == 0;
}

static bool fail_word(struct toml_reader *r, struct word w, const char *what)
{
    int shown = w.len > TOML_QUOTE_MAX ? TOML_QUOTE_MAX : (int)w.len;

    return toml_fail(r->doc, r->at, r->err, "'%.*s%s' is %s", shown, w.s,
                     w.len > TOML_QUOTE_MAX ? "..." : "", what);
}

/* Digits with single underscores between them, copied without; how many bytes they took, or 0. */
static size_t copy_digits(const char *s, size_t len, const char *digits, struct nvb_buf *out)
{
    size_t i = 0;

    for (; i < len; i++) {
        bool is_gap =
            s[i] == '_' && i > 0 && i + 1 < len && s[i - 1] != '_' && strchr(digits, s[i + 1]);

        if (strchr(digits, s[i])) {
            nvb_buf_add(out, &s[i], 1);
        } else if (!is_gap) {
            break;
        }
    }
    return i;
}

/* Magnitude in the given base; false when it passes `max`. */
static bool to_number(const char *digits, unsigned base, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    for (; *digits; digits++) {
        unsigned char c = (unsigned char)(*digits | 0x20); /* lower case; digits stay */
        uint64_t digit = c >= 'a' ? (uint64_t)(c - 'a' + 10) : (uint64_t)(c - '0');

        if (value > (max - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return true;
}

/* 0x, 0o and 0b; the word begins with 0 and a letter. */
static bool scan_based(struct toml_reader *r, struct word w, struct nvb_toml_value *out)
{
    static const struct {
        char letter;
        unsigned base;
        const char *digits;
    } bases[] = {
        {'x',  16, "0123456789abcdefABCDEF"},
        { 'o', 8,  "01234567"              },
        { 'b', 2,  "01"                    },
    };

    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        nvb_auto_buf b = { 0 };
        uint64_t value = 0;

        if (w.s[1] != bases[i].letter)
            continue;
        if (w.len < 3 || copy_digits(w.s + 2, w.len - 2, bases[i].digits, &b) != w.len - 2)
            return fail_word(r, w, "not a number");
        if (!to_number(b.data, bases[i].base, INT64_MAX, &value))
            return fail_word(r, w, "out of range for a 64-bit integer");
        out->type = NVB_TOML_INTEGER;
        out->integer = (int64_t)value;
        return true;
    }
    return fail_word(r, w, "not a number");
}

static bool
to_integer(struct toml_reader *r, struct word w, const char *text, struct nvb_toml_value *out)
{
    bool is_negative = *text == '-';
    uint64_t max = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    uint64_t magnitude = 0;

    if (!to_number(text + (*text == '-' || *text == '+'), 10, max, &magnitude))
        return fail_word(r, w, "out of range for a 64-bit integer");
    out->type = NVB_TOML_INTEGER;
    out->integer = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* A program may have set a locale whose numbers have a comma; files have a point everywhere. */
static double to_real(const char *text)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", NULL);
    double value = 0;

    if (!c_locale)
        abort();
    value = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    return value;
}

static bool scan_number(struct toml_reader *r, struct word w, struct nvb_toml_value *out)
{
    static const char digits[] = "0123456789";
    nvb_auto_buf b = { 0 };
    size_t i = w.s[0] == '+' || w.s[0] == '-';
    size_t n = 0;
    bool is_real = false;

    nvb_buf_add(&b, w.s, i);
    n = copy_digits(w.s + i, w.len - i, digits, &b);
    if (n == 0 || (n > 1 && w.s[i] == '0'))
        return fail_word(r, w, n ? "a number with a leading zero" : "not a value");
    i += n;
    if (i < w.len && w.s[i] == '.') {
        nvb_buf_add(&b, ".", 1);
        n = copy_digits(w.s + i + 1, w.len - i - 1, digits, &b);
        if (n == 0)
            return fail_word(r, w, "not a number: a digit must follow the point");
        i += n + 1;
        is_real = true;
    }
    if (i < w.len && (w.s[i] | 0x20) == 'e') {
        size_t sign = i + 1 < w.len && (w.s[i + 1] == '+' || w.s[i + 1] == '-');

        nvb_buf_add(&b, w.s + i, 1 + sign);
        i += 1 + sign;
        n = copy_digits(w.s + i, w.len - i, digits, &b);
        i += n;
        is_real = n > 0;
    }
    if (i != w.len || (n == 0))
        return fail_word(r, w, "not a number");
    if (!is_real)
        return to_integer(r, w, b.data, out);
    out->type = NVB_TOML_FLOAT;
    out->real = to_real(b.data);
    return isinf(out->real) ? fail_word(r, w, "out of range for a float") : true;
}

/* `n` digits as a number between min and max, or -1. */
static int scan_fixed(const char *s, size_t n, int min, int max)
{
    int value = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return -1;
        value = value * 10 + (s[i] - '0');
    }
    return value >= min && value <= max ? value : -1;
}

static int days_of_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

/* YYYY-MM-DD; the text ends with a NUL, so that nothing is read past it. */
static bool is_date(const char *s)
{
    int year = scan_fixed(s, 4, 0, 9999);
    int month = year >= 0 && s[4] == '-' ? scan_fixed(s + 5, 2, 1, 12) : -1;

    return month > 0 && s[7] == '-' && scan_fixed(s + 8, 2, 1, days_of_month(year, month)) > 0;
}

/* HH:MM:SS and a fraction; its length, or 0. Second 60 is a leap second (RFC 3339). */
static size_t time_length(const char *s)
{
    size_t n = 8;

    if (scan_fixed(s, 2, 0, 23) < 0 || s[2] != ':' || scan_fixed(s + 3, 2, 0, 59) < 0 ||
        s[5] != ':' || scan_fixed(s + 6, 2, 0, 60) < 0)
        return 0;
    if (s[n] != '.')
        return n;
    for (n++; is_digit(s[n]); n++)
        continue;
    return n > 9 ? n : 0;
}

/* Z or +HH:MM; its length, or 0. */
static size_t offset_length(const char *s)
{
    if (*s == 'Z' || *s == 'z')
        return 1;
    if ((*s == '+' || *s == '-') && scan_fixed(s + 1, 2, 0, 23) >= 0 && s[3] == ':' &&
        scan_fixed(s + 4, 2, 0, 59) >= 0)
        return 6;
    return 0;
}

/* What kind of date or time the word is, all of it; 0 for none. */
static enum nvb_toml_type type_of_date(const char *s)
{
    size_t clock = 0;
    size_t offset = 0;

    if (s[0] && s[1] && s[2] == ':') {
        clock = time_length(s);
        return clock && !s[clock] ? NVB_TOML_LOCAL_TIME : 0;
    }
    if (!is_date(s))
        return 0;
    s += 10;
    if (!*s)
        return NVB_TOML_LOCAL_DATE;
    clock = *s == 'T' || *s == 't' || *s == ' ' ? time_length(s + 1) : 0;
    if (clock == 0)
        return 0;
    s += 1 + clock;
    offset = offset_length(s);
    if (s[offset])
        return 0;
    return offset ? NVB_TOML_DATETIME : NVB_TOML_LOCAL_DATETIME;
}

static bool looks_like_date(struct word w)
{
    size_t n = 0;

    while (n < w.len && is_digit(w.s[n]))
        n++;
    return n > 0 && n < w.len && (w.s[n] == '-' || w.s[n] == ':');
}

static bool scan_date(struct toml_reader *r, struct word w, struct toml_node *out)
{
    char *text = nvb_xstrndup(w.s, w.len);
    enum nvb_toml_type type = type_of_date(text);

    if (!type) {
        free(text);
        fail_word(r, w, "not a date or time");
        return nvb_hint(r->err, "write 2026-01-31, 07:32:00 or 2026-01-31T07:32:00Z");
    }
    if (w.len > 10 && text[2] != ':')
        text[10] = 'T';
    if (text[w.len - 1] == 'z')
        text[w.len - 1] = 'Z';
    out->text = text;
    out->value.type = type;
    out->value.string.text = text;
    out->value.string.len = w.len;
    return true;
}

/* The only value with a blank inside is a date, one space and a time. */
static struct word find_word(const char *s)
{
    struct word w = { .s = s };

    while (is_word_char(s[w.len]))
        w.len++;
    if (w.len == 10 && looks_like_date(w) && s[10] == ' ' && is_digit(s[11])) {
        for (w.len = 11; is_word_char(s[w.len]); w.len++)
            continue;
    }
    return w;
}

static bool scan_name(struct toml_reader *r, struct word w, struct nvb_toml_value *out)
{
    struct word name = { .s = w.s, .len = w.len };
    bool is_negative = w.s[0] == '-';
    bool has_sign = is_negative || w.s[0] == '+';

    name.s += has_sign;
    name.len -= has_sign;
    if (!has_sign && (has_word(w, "true") || has_word(w, "false"))) {
        out->type = NVB_TOML_BOOL;
        out->boolean = w.s[0] == 't';
        return true;
    }
    if (has_word(name, "inf") || has_word(name, "nan")) {
        double magnitude = name.s[0] == 'i' ? (double)INFINITY : (double)NAN;

        out->type = NVB_TOML_FLOAT;
        out->real = is_negative ? -magnitude : magnitude;
        return true;
    }
    fail_word(r, w, "not a value");
    return has_sign ? false
                    : nvb_hint(r->err, "put text in quotes: \"%.*s\"",
                               w.len > TOML_QUOTE_MAX ? TOML_QUOTE_MAX : (int)w.len, w.s);
}

bool toml_scan_scalar(struct toml_reader *r, struct toml_node *node)
{
    struct word w = find_word(r->doc->text + r->at);
    size_t sign = w.len > 0 && (w.s[0] == '+' || w.s[0] == '-');
    bool is_ok = false;

    if (w.len == 0)
        return toml_fail(r->doc, r->at, r->err, "expected a value");
    if (looks_like_date(w)) {
        is_ok = scan_date(r, w, node);
    } else if (w.len > 1 && w.s[0] == '0' && w.s[1] >= 'a' && w.s[1] != 'e') {
        is_ok = scan_based(r, w, &node->value);
    } else if (sign < w.len && is_digit(w.s[sign])) {
        is_ok = scan_number(r, w, &node->value);
    } else {
        is_ok = scan_name(r, w, &node->value);
    }
    if (is_ok)
        r->at += w.len;
    return is_ok;
}

/* The shortest decimal that reads back as the same number. */
static void format_real(double value, char *out, size_t size)
{
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(out, size, "%.*g", precision, value);
        if (to_real(out) == value)
            break;
    }
}

char *toml_dup_real(double value)
{
    locale_t c_locale = (locale_t)0;
    locale_t old = (locale_t)0;
    char text[64];

    if (isnan(value))
        return nvb_xstrdup("nan");
    if (isinf(value))
        return nvb_xstrdup(value < 0 ? "-inf" : "inf");
    c_locale = newlocale(LC_ALL_MASK, "C", NULL);
    if (!c_locale)
        abort();
    old = uselocale(c_locale);
    format_real(value, text, sizeof(text));
    (void)uselocale(old);
    freelocale(c_locale);
    return nvb_xasprintf("%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}
