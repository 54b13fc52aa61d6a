/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* YAML into a document: libyaml's events, with what a plain scalar means decided here as Go's
 * YAML library does, since that is what reads CDI specifications everywhere else. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <yaml.h>

#include "base/doc_internal.h"
#include "base/library.h"

struct anchor {
    char *name;          /* owned */
    struct nvb_doc copy; /* type 0 while the anchored value is still being read */
};

/* libyaml's functions of those names. */
struct yaml_library {
    void *handle;
    __typeof__(&yaml_parser_initialize) initialize;
    __typeof__(&yaml_parser_set_encoding) set_encoding;
    __typeof__(&yaml_parser_set_input_string) set_input_string;
    __typeof__(&yaml_parser_parse) parse;
    __typeof__(&yaml_parser_delete) delete;
    __typeof__(&yaml_event_delete) event_delete;
};

struct reader {
    struct yaml_library yaml;
    yaml_parser_t parser;
    const char *name;
    unsigned depth;
    unsigned values_left;
    struct doc_budget copies;
    struct anchor *anchors;
    size_t n_anchors;
    struct nvb_err *err;
};

NVB_PRINTF(3, 4)

static bool fail(const struct reader *r, size_t line, const char *fmt, ...)
{
    va_list ap;
    char what[256];

    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    for (char *p = what; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?'; /* the file's own words, not for a terminal */
    }
    return nvb_fail(r->err, NVB_D_BASE, NVB_E_INVALID, "%s:%zu: %s", r->name, line, what);
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
    if (r->yaml.parse(&r->parser, event))
        return true;
    return fail(r, r->parser.problem_mark.line + 1, "%s%s%s",
                r->parser.problem ? r->parser.problem : "not YAML", r->parser.context ? " " : "",
                r->parser.context ? r->parser.context : "");
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(text, *words) == 0)
            return true;
    }
    return false;
}

/* The bare word for a boolean; NULL when it is none. */
static const char *boolean_of(const char *text)
{
    static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "YES",
                                       "on",   "On",   "ON",   "y",   "Y",   NULL };
    static const char *const no[] = { "false", "False", "FALSE", "no", "No", "NO",
                                      "off",   "Off",   "OFF",   "n",  "N",  NULL };

    if (is_one_of(text, yes))
        return "true";
    return is_one_of(text, no) ? "false" : NULL;
}

/* Digits of a base behind its mark; a bare 0 in front means octal, as in YAML 1.1. */
static int base_of(const char **digits)
{
    const char *p = *digits;

    if (p[0] != '0' || !p[1])
        return 10;
    *digits = p + 2;
    if (p[1] == 'x' || p[1] == 'X')
        return 16;
    if (p[1] == 'o' || p[1] == 'O')
        return 8;
    if (p[1] == 'b' || p[1] == 'B')
        return 2;
    *digits = p + 1;
    return 8;
}

/* Decimal text of an integer; NULL when it is none that 64 bits can hold. */
static char *dup_integer(const char *text)
{
    bool is_negative = *text == '-';
    const char *digits = text + (*text == '-' || *text == '+');
    int base = base_of(&digits);
    unsigned long long value = 0;
    char *end = NULL;

    if (!strchr("0123456789abcdefABCDEF", *digits) || !*digits)
        return NULL;
    errno = 0;
    value = strtoull(digits, &end, base);
    if (errno || *end || (is_negative && value > (uint64_t)INT64_MAX + 1))
        return NULL;
    return nvb_xasprintf("%s%llu", is_negative && value ? "-" : "", value);
}

static bool is_float(const char *text)
{
    static const char *const words[] = { ".inf", ".Inf", ".INF", "-.inf", "+.inf",
                                         ".nan", ".NaN", ".NAN", NULL };
    const char *p = text + (*text == '-' || *text == '+');
    size_t n_before = strspn(p, "0123456789");
    size_t n_behind = 0;

    if (is_one_of(text, words))
        return true;
    p += n_before;
    if (*p == '.') {
        n_behind = strspn(p + 1, "0123456789");
        p += n_behind + 1;
    }
    if (n_before + n_behind == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        if (!*p)
            return false;
        p += strspn(p, "0123456789");
    }
    return *p == '\0';
}

static void resolve_plain(struct nvb_doc *doc, const char *text)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    const char *boolean = boolean_of(text);

    doc->is_plain = true;
    if (is_one_of(text, nulls)) {
        doc->type = NVB_DOC_NULL;
        doc->text = nvb_xstrdup("null");
    } else if (boolean) {
        doc->type = NVB_DOC_BOOL;
        doc->text = nvb_xstrdup(boolean);
    } else if ((doc->text = dup_integer(text))) {
        doc->type = NVB_DOC_INTEGER;
    } else {
        doc->type = is_float(text) ? NVB_DOC_FLOAT : NVB_DOC_TEXT;
        doc->text = nvb_xstrdup(text);
    }
}

static bool
check_tag(const struct reader *r, const yaml_event_t *event, const char *tag, const char *wanted)
{
    if (!tag || strcmp(tag, "!") == 0 || strcmp(tag, wanted) == 0)
        return true;
    return fail(r, event->start_mark.line + 1, "tags such as '%.60s' are not understood", tag);
}

static bool read_scalar(struct reader *r, const yaml_event_t *event, struct nvb_doc *out)
{
    const char *text = (const char *)event->data.scalar.value;
    const char *tag = (const char *)event->data.scalar.tag;

    if (strlen(text) != event->data.scalar.length)
        return fail(r, event->start_mark.line + 1, "a NUL cannot stand in text");
    if (!check_tag(r, event, tag, YAML_STR_TAG))
        return false;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !tag) {
        resolve_plain(out, text);
    } else {
        out->type = NVB_DOC_TEXT;
        out->text = nvb_xstrdup(text);
    }
    return true;
}

static struct anchor *find_anchor(const struct reader *r, const char *name)
{
    for (size_t i = r->n_anchors; i-- > 0;) {
        if (strcmp(r->anchors[i].name, name) == 0)
            return &r->anchors[i];
    }
    return NULL;
}

static bool read_alias(struct reader *r, const yaml_event_t *event, struct nvb_doc *out)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct anchor *anchor = find_anchor(r, name);
    size_t line = event->start_mark.line + 1;

    if (!anchor)
        return fail(r, line, "alias '*%.60s' has no anchor before it", name);
    if (!anchor->copy.type)
        return fail(r, line, "alias '*%.60s' stands inside of its own anchor", name);
    return nvb_doc_copy(out, &anchor->copy, r->depth, &r->copies) ||
           fail(r, line, "the aliases make more than 65536 values, 1 MiB of text or 64 levels");
}

enum {
    ANCHORS_MAX = 1000,
};

/* Keep a copy for the aliases: what was read moves while the tree around it grows. */
static bool set_anchor(struct reader *r, const char *name, const struct nvb_doc *doc, size_t line)
{
    struct anchor *anchor = NULL;

    if (!name)
        return true;
    if (!doc) {
        if (r->n_anchors == ANCHORS_MAX)
            return fail(r, line, "more than 1000 anchors");
        r->anchors = nvb_xrealloc(r->anchors, r->n_anchors + 1, sizeof(*r->anchors));
        r->anchors[r->n_anchors++] = (struct anchor){ .name = nvb_xstrdup(name) };
        return true;
    }
    for (size_t i = r->n_anchors; i-- > 0 && !anchor;) {
        if (strcmp(r->anchors[i].name, name) == 0 && !r->anchors[i].copy.type)
            anchor = &r->anchors[i];
    }
    return nvb_doc_copy(&anchor->copy, doc, r->depth, &r->copies) ||
           fail(r, line, "the anchors make more than 65536 values or 1 MiB of text");
}

static bool read_node(struct reader *r, const yaml_event_t *event, struct nvb_doc *out);

/* Until the end of a list: its entries, each from its first event. */
static bool read_entry(struct reader *r, const yaml_event_t *first, struct nvb_doc *list)
{
    nvb_autofree char *key = NULL;
    unsigned line = (unsigned)first->start_mark.line + 1;
    struct nvb_doc value = { 0 };
    yaml_event_t second = { 0 };
    bool ok = false;

    if (list->type == NVB_DOC_ARRAY) {
        ok = read_node(r, first, &value);
    } else if (first->type != YAML_SCALAR_EVENT) {
        return fail(r, line, "a key that is no text");
    } else {
        struct nvb_doc name = { 0 };

        if (!read_scalar(r, first, &name)) {
            nvb_doc_clear(&name);
            return false;
        }
        key = nvb_steal(&name.text);
        if (!set_anchor(r, (const char *)first->data.scalar.anchor, NULL, line))
            return false;
        ok = next_event(r, &second) && read_node(r, &second, &value);
        r->yaml.event_delete(&second);
    }
    if (!ok) {
        nvb_doc_clear(&value);
        return false;
    }
    nvb_doc_take_entry(list, nvb_steal(&key), line, &value);
    return true;
}

static bool read_entries(struct reader *r, struct nvb_doc *list)
{
    for (;;) {
        yaml_event_t event = { 0 };
        bool is_end = false;
        bool ok = next_event(r, &event);

        is_end =
            ok && (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT);
        ok = ok && (is_end || read_entry(r, &event, list));
        r->yaml.event_delete(&event);
        if (!ok || is_end)
            return ok;
    }
}

static bool read_list(struct reader *r, const yaml_event_t *event, struct nvb_doc *out)
{
    bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
    const char *tag =
        (const char *)(is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag);
    const char *anchor = (const char *)(is_mapping ? event->data.mapping_start.anchor
                                                   : event->data.sequence_start.anchor);
    size_t line = event->start_mark.line + 1;

    if (!check_tag(r, event, tag, is_mapping ? YAML_MAP_TAG : YAML_SEQ_TAG))
        return false;
    if (++r->depth > NVB_DOC_DEPTH_MAX)
        return fail(r, line, "more than 64 levels deep");
    out->type = is_mapping ? NVB_DOC_OBJECT : NVB_DOC_ARRAY;
    if (!set_anchor(r, anchor, NULL, line) || !read_entries(r, out))
        return false;
    r->depth--;
    return set_anchor(r, anchor, out, line);
}

static bool read_node(struct reader *r, const yaml_event_t *event, struct nvb_doc *out)
{
    size_t line = event->start_mark.line + 1;

    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(r, event, out);
    if (r->values_left == 0)
        return fail(r, line, "more than 1048576 values");
    r->values_left--;
    out->line = (unsigned)line;
    if (event->type != YAML_SCALAR_EVENT)
        return read_list(r, event, out);
    return set_anchor(r, (const char *)event->data.scalar.anchor, NULL, line) &&
           read_scalar(r, event, out) &&
           set_anchor(r, (const char *)event->data.scalar.anchor, out, line);
}

/* One document: stream start, document start, the value, document end, stream end. */
static bool read_stream(struct reader *r, struct nvb_doc *out)
{
    for (bool is_read = false;;) {
        yaml_event_t event = { 0 };
        size_t line = 0;
        bool is_end = false;
        bool ok = next_event(r, &event);

        line = event.start_mark.line + 1;
        is_end = ok && event.type == YAML_STREAM_END_EVENT;
        if (is_end && !is_read) {
            ok = fail(r, line, "nothing in it");
        } else if (ok && event.type == YAML_DOCUMENT_START_EVENT && is_read) {
            ok = fail(r, line, "a second document");
        } else if (ok && !is_end && event.type != YAML_STREAM_START_EVENT &&
                   event.type != YAML_DOCUMENT_START_EVENT &&
                   event.type != YAML_DOCUMENT_END_EVENT) {
            ok = read_node(r, &event, out);
            is_read = true;
        }
        r->yaml.event_delete(&event);
        if (!ok || is_end)
            return ok;
    }
}

static bool open_library(struct yaml_library *out, struct nvb_err *err)
{
    const struct nvb_symbol symbols[] = {
        {"yaml_parser_initialize",        &out->initialize      },
        { "yaml_parser_set_encoding",     &out->set_encoding    },
        { "yaml_parser_set_input_string", &out->set_input_string},
        { "yaml_parser_parse",            &out->parse           },
        { "yaml_parser_delete",           &out->delete          },
        { "yaml_event_delete",            &out->event_delete    },
        { NULL,                           NULL                  },
    };

    return nvb_library_open("libyaml-0.so.2",
                            "install libyaml-0-2 (Debian, Ubuntu) or libyaml (Arch)", symbols,
                            &out->handle, err);
}

bool nvb_doc_parse_yaml(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_doc *out,
                        struct nvb_err *err)
{
    nvb_auto_doc doc = { 0 };
    struct reader r = {
        .name = name,
        .values_left = NVB_DOC_VALUES_MAX,
        .copies = {.values = NVB_DOC_COPIES_MAX, .bytes = NVB_DOC_COPIED_SIZE_MAX},
        .err = err,
    };
    bool ok = false;

    if (len > NVB_DOC_SIZE_MAX)
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "%s: larger than 16 MiB", name);
    if (!open_library(&r.yaml, err))
        return nvb_while(err, "%s: YAML cannot be read", name);
    if (!r.yaml.initialize(&r.parser))
        abort();
    r.yaml.set_encoding(&r.parser, YAML_UTF8_ENCODING);
    r.yaml.set_input_string(&r.parser, (const unsigned char *)text, len);
    ok = read_stream(&r, &doc);
    r.yaml.delete(&r.parser);
    nvb_library_close(&r.yaml.handle);
    for (size_t i = 0; i < r.n_anchors; i++) {
        free(r.anchors[i].name);
        nvb_doc_clear(&r.anchors[i].copy);
    }
    free(r.anchors);
    if (!ok)
        return false;
    *out = doc;
    doc = (struct nvb_doc){ 0 };
    return true;
}
