/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *nvb_xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    if (!p)
        abort();
    return p;
}

void *nvb_xrealloc(void *p, size_t n, size_t size)
{
    void *grown = reallocarray(p, n ? n : 1, size ? size : 1);

    if (!grown)
        abort();
    return grown;
}

char *nvb_xstrdup(const char *s)
{
    return nvb_xstrndup(s, strlen(s));
}

char *nvb_xstrndup(const char *s, size_t len)
{
    char *copy = strndup(s, len);

    if (!copy)
        abort();
    return copy;
}

NVB_PRINTF(1, 0) static char *format(const char *fmt, va_list ap)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    return text;
}

char *nvb_xasprintf(const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = format(fmt, ap);
    va_end(ap);
    return text;
}

bool nvb_has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool nvb_has_suffix(const char *s, const char *suffix)
{
    size_t len = strlen(s);
    size_t tail = strlen(suffix);

    return len >= tail && strcmp(s + len - tail, suffix) == 0;
}

char *nvb_trim(char *s)
{
    size_t len = 0;

    s += strspn(s, " \t\r\n");
    len = strlen(s);
    while (len > 0 && strchr(" \t\r\n", s[len - 1]))
        s[--len] = '\0';
    return s;
}

void nvb_strv_take(struct nvb_strv *v, char *take_s)
{
    v->items = nvb_xrealloc(v->items, v->n + 2, sizeof(*v->items));
    v->items[v->n++] = take_s;
    v->items[v->n] = NULL;
}

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t nvb_utf8_length(const char *s, size_t len)
{
    unsigned char first = len > 0 ? (unsigned char)s[0] : 0xff;
    unsigned char second = len > 1 ? (unsigned char)s[1] : 0;

    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf && len >= 2 && is_tail(s[1]))
        return 2;
    if (first >= 0xe0 && first <= 0xef && len >= 3 && is_tail(s[1]) && is_tail(s[2]) &&
        !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second >= 0xa0))
        return 3;
    if (first >= 0xf0 && first <= 0xf4 && len >= 4 && is_tail(s[1]) && is_tail(s[2]) &&
        is_tail(s[3]) && !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second >= 0x90))
        return 4;
    return 0;
}

void nvb_make_utf8(char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t n = nvb_utf8_length(text, left);

        if (n == 0) {
            *text = '?';
            n = 1;
        }
        text += n;
        left -= n;
    }
}

/* Those of ASCII, and the second set (U+0080 to U+009F). */
bool nvb_is_control(const char *s, size_t len)
{
    unsigned char first = (unsigned char)s[0];

    return len == 2 ? first == 0xc2 && (unsigned char)s[1] < 0xa0 : first < ' ' || first == 0x7f;
}

void nvb_print_plain(const char *text, FILE *out)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t n = nvb_utf8_length(text, left);

        if (*text == '\n') {
            (void)fputs(text[1] == ' ' ? "\n" : "\n  ", out);
        } else if (n == 0 || (nvb_is_control(text, n) && *text != '\t')) {
            n = n ? n : 1;
            for (size_t i = 0; i < n; i++)
                (void)fprintf(out, "\\x%02x", (unsigned char)text[i]);
        } else {
            (void)fwrite(text, 1, n, out);
        }
        text += n;
        left -= n;
    }
}

void nvb_strv_add(struct nvb_strv *v, const char *s)
{
    nvb_strv_take(v, nvb_xstrdup(s));
}

void nvb_strv_addf(struct nvb_strv *v, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nvb_strv_take(v, format(fmt, ap));
    va_end(ap);
}

void nvb_strv_copy(struct nvb_strv *to, const struct nvb_strv *from)
{
    for (size_t i = 0; i < from->n; i++)
        nvb_strv_add(to, from->items[i]);
}

bool nvb_strv_has(const struct nvb_strv *v, const char *s)
{
    for (size_t i = 0; i < v->n; i++) {
        if (strcmp(v->items[i], s) == 0)
            return true;
    }
    return false;
}

char *nvb_strv_join(const struct nvb_strv *v, const char *separator)
{
    struct nvb_buf b = { 0 };

    nvb_buf_add_str(&b, "");
    for (size_t i = 0; i < v->n; i++) {
        nvb_buf_add_str(&b, i ? separator : "");
        nvb_buf_add_str(&b, v->items[i]);
    }
    return b.data;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void nvb_strv_sort(struct nvb_strv *v)
{
    if (v->n > 1)
        qsort(v->items, v->n, sizeof(*v->items), by_text);
}

void nvb_strv_clear(struct nvb_strv *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->items[i]);
    free(v->items);
    *v = (struct nvb_strv){ 0 };
}

static char **find_env(const struct nvb_strv *env, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < env->n; i++) {
        if (strncmp(env->items[i], name, len) == 0 && env->items[i][len] == '=')
            return &env->items[i];
    }
    return NULL;
}

void nvb_env_set(struct nvb_strv *env, const char *name, const char *value)
{
    char *entry = nvb_xasprintf("%s=%s", name, value);
    char **old = find_env(env, name);

    if (!old) {
        nvb_strv_take(env, entry);
        return;
    }
    free(*old);
    *old = entry;
}

const char *nvb_env_get(const struct nvb_strv *env, const char *name)
{
    char **entry = find_env(env, name);

    return entry ? *entry + strlen(name) + 1 : NULL;
}

void nvb_buf_reserve(struct nvb_buf *b, size_t room)
{
    if (b->len + room + 1 <= b->size)
        return;
    b->size = (b->len + room + 1) * 2;
    b->data = nvb_xrealloc(b->data, b->size, 1);
}

void nvb_buf_add(struct nvb_buf *b, const void *data, size_t len)
{
    nvb_buf_reserve(b, len);
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void nvb_buf_add_str(struct nvb_buf *b, const char *s)
{
    nvb_buf_add(b, s, strlen(s));
}

void nvb_buf_addf(struct nvb_buf *b, const char *fmt, ...)
{
    nvb_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = format(fmt, ap);
    va_end(ap);
    nvb_buf_add_str(b, text);
}

void nvb_buf_clear(struct nvb_buf *b)
{
    free(b->data);
    *b = (struct nvb_buf){ 0 };
}

bool nvb_parse_u64(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        uint64_t digit = (uint64_t)(unsigned char)*s - '0';

        if (digit > 9 || value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* "", "B", "k", "kB", "KiB"... -> how far to shift; -1 for anything else. */
static int shift_of_unit(const char *unit)
{
    static const char units[] = "kMGT";
    const char *rest = unit;
    const char *found = *unit ? strchr(units, *unit == 'K' ? 'k' : *unit) : NULL;
    int shift = found ? 10 * (int)(found - units + 1) : 0;

    rest += found ? 1 : 0;
    if (found && strcmp(rest, "iB") == 0)
        return shift;
    return *rest == '\0' || strcmp(rest, "B") == 0 ? shift : -1;
}

bool nvb_parse_size(const char *s, uint64_t *out_bytes)
{
    size_t n_digits = strspn(s, "0123456789");
    nvb_autofree char *digits = nvb_xstrndup(s, n_digits);
    int shift = shift_of_unit(s + n_digits);
    uint64_t value = 0;

    if (shift < 0 || !nvb_parse_u64(digits, UINT64_MAX >> shift, &value))
        return false;
    *out_bytes = value << shift;
    return true;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

enum {
    WORD_MAX = 63, /* longer words are nobody's typing mistake */
};

static bool is_same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* How far a[..i] is from b[..j], given how far their shorter beginnings are. */
static unsigned
cost(const char *a, const char *b, size_t i, size_t j, unsigned (*rows)[WORD_MAX + 1])
{
    const unsigned *above = rows[(i - 1) % 3];
    unsigned least = smaller(above[j], rows[i % 3][j - 1]) + 1;

    least = smaller(least, above[j - 1] + !is_same_letter(a[i - 1], b[j - 1]));
    if (i > 1 && j > 1 && is_same_letter(a[i - 1], b[j - 2]) && is_same_letter(a[i - 2], b[j - 1]))
        least = smaller(least, rows[(i - 2) % 3][j - 2] + 1);
    return least;
}

/* Damerau's edit distance in its restricted form (two letters swapped are one slip, as in
 * "detial"), of which the last three rows are kept. */
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX + 1];
    size_t len_a = strlen(a);
    size_t len_b = strlen(b);

    if (len_a > WORD_MAX || len_b > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= len_b; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= len_a; i++) {
        rows[i % 3][0] = (unsigned)i;
        for (size_t j = 1; j <= len_b; j++)
            rows[i % 3][j] = cost(a, b, i, j, rows);
    }
    return rows[len_a % 3][len_b];
}

const char *nvb_nearest(const char *word, const char *const *candidates)
{
    unsigned best = (unsigned)strlen(word) / 3 + 1; /* one slip in three letters */
    const char *nearest = NULL;

    if (strlen(word) > WORD_MAX)
        return NULL;
    for (; *candidates; candidates++) {
        unsigned d = distance(word, *candidates);

        if (d < best || (d == best && !nearest)) {
            best = d;
            nearest = *candidates;
        }
    }
    return nearest;
}
