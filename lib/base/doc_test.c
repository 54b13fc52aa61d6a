/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/doc.h"

#include <string.h>

#include "test.h"

typedef bool parser(const char *, size_t, const char *, struct nvb_doc *, struct nvb_err *);

static void dump(const struct nvb_doc *doc, struct nvb_buf *b)
{
    if (doc->type != NVB_DOC_ARRAY && doc->type != NVB_DOC_OBJECT) {
        nvb_buf_addf(b, doc->type == NVB_DOC_TEXT ? "'%s'" : "%s", doc->text);
        return;
    }
    nvb_buf_add_str(b, doc->type == NVB_DOC_ARRAY ? "[" : "{");
    for (size_t i = 0; i < doc->n; i++) {
        nvb_buf_add_str(b, i ? " " : "");
        if (doc->entries[i].key)
            nvb_buf_addf(b, "%s=", doc->entries[i].key);
        dump(&doc->entries[i].value, b);
    }
    nvb_buf_add_str(b, doc->type == NVB_DOC_ARRAY ? "]" : "}");
}

static void expect_tree(parser *parse, const char *text, const char *wanted)
{
    nvb_auto_doc doc = { 0 };
    nvb_auto_buf b = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(parse(text, strlen(text), "f", &doc, &err));
    EXPECT_STR(err.n_lines ? err.lines[0] : "", "");
    nvb_buf_add_str(&b, "");
    if (doc.type)
        dump(&doc, &b);
    EXPECT_STR(b.data, wanted);
}

static void expect_fault(parser *parse, const char *text, size_t len, const char *wanted)
{
    nvb_auto_doc doc = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!parse(text, len, "f", &doc, &err));
    EXPECT(doc.type == 0 && doc.entries == NULL);
    EXPECT_STR(err.n_lines ? err.lines[0] : "no error", wanted);
}

static void expect_json_fault(const char *text, const char *wanted)
{
    expect_fault(nvb_doc_parse_json, text, strlen(text), wanted);
}

static void expect_yaml_fault(const char *text, const char *wanted)
{
    expect_fault(nvb_doc_parse_yaml, text, strlen(text), wanted);
}

TEST(reads_json)
{
    expect_tree(nvb_doc_parse_json,
                " {\"a\": [1, -2, 0.50, 1e9, true, null], \"\": {}, \"a\": \"x\"}\n",
                "{a=[1 -2 0.50 1e9 true null] ={} a='x'}");
    expect_tree(nvb_doc_parse_json, "18446744073709551615", "18446744073709551615");
    expect_tree(nvb_doc_parse_json, "-9223372036854775808", "-9223372036854775808");
    expect_tree(nvb_doc_parse_json, "\"\\u00e4\\ud83d\\ude00\\/\\n\\\"\\\\\"",
                "'\xc3\xa4\xf0\x9f\x98\x80/\n\"\\'");
}

TEST(refuses_what_is_no_json)
{
    expect_json_fault("", "f:1: the text ends where a value belongs");
    expect_json_fault("{\n\"a\": 1,\n}", "f:3: '}' where a key in quotes belongs");
    expect_json_fault("{\"a\" 1}", "f:1: '1' where ':' belongs");
    expect_json_fault("[1 2]", "f:1: '2' where ',' or ']' belongs");
    expect_json_fault("[1}", "f:1: '}' where ',' or ']' belongs");
    expect_json_fault("[01]", "f:1: a number that JSON does not know");
    expect_json_fault("[1.]", "f:1: a number that JSON does not know");
    expect_json_fault("[1e]", "f:1: a number that JSON does not know");
    expect_json_fault("[-]", "f:1: a number that JSON does not know");
    expect_json_fault("18446744073709551616", "f:1: a number beyond 64 bits");
    expect_json_fault("-9223372036854775809", "f:1: a number beyond 64 bits");
    expect_json_fault("\"\\ud83d\"", "f:1: half of a surrogate pair");
    expect_json_fault("\"\\ude00\"", "f:1: half of a surrogate pair");
    expect_json_fault("\"\\u0000\"", "f:1: a NUL cannot stand in text");
    expect_json_fault("\"\\x\"", "f:1: an escape that JSON does not know");
    expect_json_fault("\"\\u12g4\"", "f:1: \\u is followed by four hexadecimal digits");
    expect_json_fault("\"a\nb\"", "f:1: a control character inside of quotes");
    expect_json_fault("\"\xff\"", "f:1: bytes that are no UTF-8");
    expect_json_fault("\"\xed\xa0\x80\"", "f:1: bytes that are no UTF-8");
    expect_json_fault("\"abc", "f:1: the text ends inside of quotes");
    expect_json_fault("{} {}", "f:1: '{' where nothing more belongs");
    expect_json_fault("nul", "f:1: 'n' where a value belongs");
    expect_json_fault("\xef\xbb\xbf{}", "f:1: byte 0xef where a value belongs");
    expect_fault(nvb_doc_parse_json, "1\0", 2, "f:1: byte 0x00 where nothing more belongs");
}

TEST(knows_the_lines)
{
    static const char text[] = "{\n \"a\":\n  [1,\n   2],\n\n \"b\": {}}";
    nvb_auto_doc doc = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_doc_parse_json(text, strlen(text), "f", &doc, &err));
    EXPECT(doc.line == 1);
    EXPECT(doc.entries[0].line == 2);
    EXPECT(nvb_doc_get(&doc, "a")->line == 3);
    EXPECT(nvb_doc_get(&doc, "a")->entries[1].value.line == 4);
    EXPECT(nvb_doc_get(&doc, "b")->line == 6);
    EXPECT(nvb_doc_get(&doc, "c") == NULL);
}

TEST(reads_yaml)
{
    expect_tree(nvb_doc_parse_yaml, "a: 1\nb:\n- x\n- [w, 'z']\nc: {d: \"e\"}\nf:\n",
                "{a=1 b=['x' ['w' 'z']] c={d='e'} f=null}");
    expect_tree(nvb_doc_parse_yaml, "[0x1F, 0o17, 017, 0b11, 1_000, +5, -0x10, 08, '8', -0]",
                "[31 15 15 3 '1_000' 5 -16 08 '8' 0]");
    expect_tree(nvb_doc_parse_yaml, "[yes, Off, ~, .5, 1e3, 1., .inf, 1:30, 0.5.0, 1e, '', -]",
                "[true false null .5 1e3 1. .inf '1:30' '0.5.0' '1e' '' '-']");
    expect_tree(nvb_doc_parse_yaml, "[18446744073709551615, 18446744073709551616]",
                "[18446744073709551615 18446744073709551616]");
    expect_tree(nvb_doc_parse_yaml, "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
                "{a={b=1} c={b=1} d=[{b=1} {b=1}]}");
    expect_tree(nvb_doc_parse_yaml, "a: !!str 5\nb: ! 6\n", "{a='5' b='6'}");
}

TEST(refuses_yaml_that_is_more_than_data)
{
    expect_yaml_fault("", "f:1: nothing in it");
    expect_yaml_fault("a: 1\n---\nb: 2\n", "f:2: a second document");
    expect_yaml_fault("a: !!python/object:os.system x\n",
                      "f:1: tags such as 'tag:yaml.org,2002:python/object:os.system' are not "
                      "understood");
    expect_yaml_fault("a: *x\n", "f:1: alias '*x' has no anchor before it");
    expect_yaml_fault("\na: &x [*x]\n", "f:2: alias '*x' stands inside of its own anchor");
    expect_yaml_fault("? [a]\n: b\n", "f:1: a key that is no text");
    expect_yaml_fault("a: \"\\0\"\n", "f:1: a NUL cannot stand in text");
    expect_yaml_fault("a: [1\n", "f:2: did not find expected ',' or ']' while parsing a flow "
                                 "sequence");
    expect_yaml_fault("a: b: c\n", "f:1: mapping values are not allowed in this context");
}

TEST(bounds_the_depth)
{
    nvb_auto_buf deep = { 0 };

    for (int i = 0; i < 65; i++)
        nvb_buf_add_str(&deep, "[");
    expect_json_fault(deep.data, "f:1: more than 64 levels deep");
    expect_yaml_fault(deep.data, "f:1: more than 64 levels deep");
    for (int i = 0; i < 100000; i++)
        nvb_buf_add_str(&deep, "[");
    expect_json_fault(deep.data, "f:1: more than 64 levels deep");
    expect_yaml_fault(deep.data, "f:1: more than 64 levels deep");
}

TEST(bounds_the_values)
{
    nvb_auto_buf many = { 0 };

    nvb_buf_add_str(&many, "[0");
    for (int i = 0; i < NVB_DOC_VALUES_MAX; i++)
        nvb_buf_add_str(&many, ",0");
    nvb_buf_add_str(&many, "]");
    expect_json_fault(many.data, "f:1: more than 1048576 values");
    expect_yaml_fault(many.data, "f:1: more than 1048576 values");
    many.data[2] = ' '; /* one value less is still one too many */
    many.data[3] = ' ';
    expect_json_fault(many.data, "f:1: more than 1048576 values");
}

TEST(bounds_what_aliases_make)
{
    nvb_auto_buf bomb = { 0 };

    nvb_buf_add_str(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 20; i++) {
        nvb_buf_addf(&bomb, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            nvb_buf_addf(&bomb, "%s*a%d", k ? "," : "", i - 1);
        nvb_buf_add_str(&bomb, "]\n");
    }
    expect_yaml_fault(bomb.data,
                      "f:5: the aliases make more than 65536 values, 1 MiB of text or 64 levels");
}

TEST(refuses_a_document_that_is_too_large)
{
    nvb_autofree char *huge = nvb_xcalloc(NVB_DOC_SIZE_MAX + 1, 1);

    memset(huge, ' ', NVB_DOC_SIZE_MAX + 1);
    expect_fault(nvb_doc_parse_json, huge, NVB_DOC_SIZE_MAX + 1, "f: larger than 16 MiB");
    expect_fault(nvb_doc_parse_yaml, huge, NVB_DOC_SIZE_MAX + 1, "f: larger than 16 MiB");
}

static void note(void *context, const struct nvb_doc_entry *entry)
{
    nvb_strv_addf(context, "%u %s", entry->line, entry->key);
}

TEST(finds_keys_that_stand_twice)
{
    static const char text[] = "a: 1\nb: {c: 1,\n c: 2}\na: 2\nd: [{e: 1, e: 2}]\na: 3\n";
    nvb_auto_doc doc = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_strv found = { 0 };
    nvb_autofree char *all = NULL;

    EXPECT(nvb_doc_parse_yaml(text, strlen(text), "f", &doc, &err));
    nvb_doc_each_duplicate(&doc, note, &found);
    all = nvb_strv_join(&found, ", ");
    EXPECT_STR(all, "4 a, 6 a, 3 c, 5 e");
}
