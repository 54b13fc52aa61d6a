/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "core/vdf_internal.h"

/* The copy is changed behind the reader only: a word is ended where its closing quote stood. */
typedef struct {
    GfVdf *vdf;
    char *at;
    char *end;
    const char *start;
    const char *name;
    struct nvb_err *err;
} Reader;

typedef enum {
    TOKEN_FAULT, /* told in the reader's error */
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_CONDITION, /* [$LINUX] */
    TOKEN_OPEN,
    TOKEN_CLOSE,
} Token;

static bool fail(const Reader *r, const char *what)
{
    size_t line = 1;

    /* A word that was unescaped may hold line ends that the file has not; a line or two off. */
    for (const char *p = r->start; p < r->at; p++)
        line += *p == '\n';
    return nvb_fail(r->err, NVB_D_GAMES, NVB_E_INVALID, "%s:%zu: %s", r->name, line, what);
}

static void skip_blanks(Reader *r)
{
    while (r->at < r->end) {
        if (*r->at == ' ' || (*r->at >= '\t' && *r->at <= '\r')) {
            r->at++;
        } else if (r->at[0] == '/' && r->at + 1 < r->end && r->at[1] == '/') {
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        } else {
            return;
        }
    }
}

/* What is behind a backslash; 0 when the two are no escape and stay as they are, as the backslashes
 * of Windows paths do in old files. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case '\\':
    case '"':
        return c;
    default:
        return '\0';
    }
}

static Token read_quoted(Reader *r, const char **out_word)
{
    char *word = ++r->at;
    char *to = word;

    while (r->at < r->end && *r->at != '"' && *r->at != '\0') {
        char c = *r->at++;
        char escaped = '\0';

        if (c == '\\' && r->at < r->end)
            escaped = unescape(*r->at);
        r->at += escaped != '\0';
        if (escaped)
            c = escaped;
        *to++ = c;
    }
    if (r->at == r->end || *r->at == '\0') {
        fail(r, "it ends in the middle of a word");
        return TOKEN_FAULT;
    }
    r->at++;
    *to = '\0';
    *out_word = word;
    return TOKEN_WORD;
}

static Token read_bare(Reader *r, const char **out_word)
{
    const char *word = r->at;

    while (r->at < r->end && !strchr(" \t\r\n\v\f{}\"", *r->at)) /* a NUL, too, ends it */
        r->at++;
    if (r->at == word) {
        fail(r, "there is a zero byte in it");
        return TOKEN_FAULT;
    }
    *out_word = gf_vdf_keep(r->vdf, word, (size_t)(r->at - word));
    return TOKEN_WORD;
}

static Token read_condition(Reader *r, const char **out_word)
{
    const char *word = ++r->at;

    while (r->at < r->end && *r->at != ']' && *r->at != '\n' && *r->at != '\0')
        r->at++;
    *out_word = gf_vdf_keep(r->vdf, word, (size_t)(r->at - word));
    if (r->at < r->end && *r->at == ']')
        r->at++;
    return TOKEN_CONDITION;
}

static Token next(Reader *r, const char **out_word)
{
    skip_blanks(r);
    if (r->at == r->end)
        return TOKEN_END;
    switch (*r->at) {
    case '{':
        r->at++;
        return TOKEN_OPEN;
    case '}':
        r->at++;
        return TOKEN_CLOSE;
    case '"':
        return read_quoted(r, out_word);
    case '[':
        return read_condition(r, out_word);
    default:
        return read_bare(r, out_word);
    }
}

/* Whatever is more than one name with or without "!" in front is taken to hold. */
static bool holds(const char *condition)
{
    bool is_negated = *condition == '!';
    const char *name = condition + is_negated;

    if (*name != '$' || strpbrk(name, "|&!"))
        return true;
    return (g_ascii_strcasecmp(name, "$LINUX") == 0 || g_ascii_strcasecmp(name, "$POSIX") == 0) !=
           is_negated;
}

static void drop(GfVdfNode *parent, GfVdfNode *before)
{
    parent->last = before;
    if (before) {
        before->next = NULL;
    } else {
        parent->first = NULL;
    }
}

/* A condition may stand behind a value: it is looked for before the next key is read. */
static bool drops_condition(Reader *r)
{
    const char *condition = "";

    skip_blanks(r);
    if (r->at == r->end || *r->at != '[')
        return false;
    next(r, &condition);
    return !holds(condition);
}

static bool read_map(Reader *r, GfVdfNode *map, unsigned depth);

static bool read_value(Reader *r, GfVdfNode *map, const char *key, unsigned depth)
{
    GfVdfNode *before = map->last;
    GfVdfNode *node = NULL;
    const char *word = NULL;
    bool is_dropped = drops_condition(r);

    switch (next(r, &word)) {
    case TOKEN_WORD:
        node = gf_vdf_add(r->vdf, map, GF_VDF_TEXT, key);
        node->text = word;
        break;
    case TOKEN_OPEN:
        if (depth == GF_VDF_DEPTH_MAX)
            return fail(r, "it is too deep");
        node = gf_vdf_add(r->vdf, map, GF_VDF_MAP, key);
        if (!read_map(r, node, depth + 1))
            return false;
        break;
    case TOKEN_FAULT:
        return false;
    case TOKEN_END:
        return fail(r, "it ends behind a key");
    case TOKEN_CLOSE:
    case TOKEN_CONDITION:
    default:
        return fail(r, "a key has no value");
    }
    if (drops_condition(r) || is_dropped)
        drop(map, before);
    return true;
}

static bool read_map(Reader *r, GfVdfNode *map, unsigned depth)
{
    const char *key = NULL;

    for (;;) {
        switch (next(r, &key)) {
        case TOKEN_WORD:
            if (!read_value(r, map, key, depth))
                return false;
            break;
        case TOKEN_CLOSE:
            return depth > 0 || fail(r, "there is a '}' too many");
        case TOKEN_END:
            return depth == 0 || fail(r, "it ends before its last '}'");
        case TOKEN_FAULT:
            return false;
        case TOKEN_OPEN:
        case TOKEN_CONDITION:
        default:
            return fail(r, "a key is missing");
        }
    }
}

bool gf_vdf_parse_text(const char *text,
                       size_t len,
                       const char *name,
                       GfVdf **out_vdf,
                       struct nvb_err *err)
{
    g_autoptr(GfVdf) vdf = gf_vdf_new(text, len);
    char *bytes = gf_vdf_bytes(vdf);
    bool has_mark = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    Reader r = { .vdf = vdf,
                 .at = bytes + (has_mark ? 3 : 0),
                 .end = bytes + len,
                 .start = bytes,
                 .name = name,
                 .err = err };

    if (!read_map(&r, gf_vdf_edit_root(vdf), 0))
        return false;
    *out_vdf = g_steal_pointer(&vdf);
    return true;
}

static void print_word(const char *word, GString *out)
{
    g_string_append_c(out, '"');
    for (; *word; word++) {
        if (*word == '\\' || *word == '"') {
            g_string_append_c(out, '\\');
            g_string_append_c(out, *word);
        } else if (*word == '\n') {
            g_string_append(out, "\\n");
        } else if (*word == '\t') {
            g_string_append(out, "\\t");
        } else {
            g_string_append_c(out, *word);
        }
    }
    g_string_append_c(out, '"');
}

static void indent(unsigned depth, GString *out)
{
    for (unsigned i = 0; i < depth; i++)
        g_string_append_c(out, '\t');
}

static void print_children(const GfVdfNode *map, unsigned depth, GString *out)
{
    for (const GfVdfNode *node = map->first; node; node = node->next) {
        indent(depth, out);
        print_word(node->key, out);
        if (node->type == GF_VDF_MAP) {
            g_string_append_c(out, '\n');
            indent(depth, out);
            g_string_append(out, "{\n");
            print_children(node, depth + 1, out);
            indent(depth, out);
            g_string_append(out, "}\n");
        } else if (node->text) {
            g_string_append(out, "\t\t");
            print_word(node->text, out);
            g_string_append_c(out, '\n');
        } else {
            g_string_append_printf(out, "\t\t\"%" G_GUINT64_FORMAT "\"\n", node->bits);
        }
    }
}

char *gf_vdf_dup_text(const GfVdf *vdf)
{
    GString *out = g_string_new(NULL);

    print_children(gf_vdf_root(vdf), 0, out);
    return g_string_free(out, FALSE);
}
