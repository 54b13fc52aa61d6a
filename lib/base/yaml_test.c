/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/yaml.h"

#include <string.h>

#include "base/doc.h"
#include "test.h"

static void expect_yaml(const char *json, const char *wanted)
{
    nvb_autoptr(nvb_json) tree = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_json_parse(json, strlen(json), "f", &tree, &err));
    text = nvb_yaml_dup_text(tree);
    EXPECT_STR(text, wanted);
}

TEST(lays_out_blocks)
{
    expect_yaml("{\"a\":{\"b\":[{\"c\":1,\"d\":[\"x\",[],{}]},[true,null]]},\"e\":-1.50}",
                "---\n"
                "a:\n"
                "    b:\n"
                "        - c: 1\n"
                "          d:\n"
                "            - x\n"
                "            - []\n"
                "            - {}\n"
                "        -\n"
                "            - true\n"
                "            - null\n"
                "e: -1.50\n");
    expect_yaml("{}", "--- {}\n");
    expect_yaml("[{\"a\":{\"b\":1}}]", "---\n- a:\n    b: 1\n");
}

TEST(quotes_what_could_be_taken_for_something_else)
{
    static const char *const texts[] = {
        "",
        "0",
        "0.5.0",
        "yes",
        "NULL",
        "~",
        "a b",
        "a: b",
        "a:",
        "#a",
        "a #b",
        "-",
        "- a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a'",
        "\"a\"",
        "\\",
        "a\nb",
        "\t",
        "\x7f",
        "%a",
        "@a",
        "`a",
        "{a",
        "[a",
        "a,b",
        "1e3",
        ".inf",
        "0x10",
        "=",
        "<<",
        "\xc3\xa4",
        "/a/b",
        "a=b",
        "a:b",
        "A-B_c",
        "\xe2\x80\xa8",
        "\xf0\x9f\x98\x80",
        "\xc2\x85",
        "---",
        "...",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();
        nvb_autofree char *text = NULL;
        nvb_auto_doc doc = { 0 };
        nvb_auto_err err = { 0 };

        nvb_json_set_str(json, texts[i], texts[i]);
        text = nvb_yaml_dup_text(json);
        EXPECT(nvb_doc_parse_yaml(text, strlen(text), "f", &doc, &err));
        EXPECT(doc.n == 1 && doc.entries[0].value.type == NVB_DOC_TEXT);
        EXPECT_STR(doc.entries[0].key, texts[i]);
        EXPECT_STR(doc.entries[0].value.text, texts[i]);
    }
}
