/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "test.h"

static struct nvb_json *parse(const char *text)
{
    nvb_auto_err err = { 0 };
    struct nvb_json *json = NULL;
    bool ok = nvb_json_parse(text, strlen(text), "test", &json, &err);

    if (!ok) /* a success may be NULL: JSON's null */
        EXPECT(err.kind == NVB_E_INVALID && json == NULL);
    return json;
}

static bool is_refused(const char *text, size_t len)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };
    bool ok = nvb_json_parse(text, len, "t.json", &json, &err);

    EXPECT(ok || (json == NULL && strncmp(err.lines[0], "t.json: ", 8) == 0));
    return !ok;
}

TEST(what_is_written_reads_back)
{
    static const char *const texts[] = {
        "{}\n",
        "[]\n",
        "[18446744073709551615,9223372036854775807,-9223372036854775808,0]\n",
        "{\"b\":1,\"a\":{\"c\":[null,true,false,\"x/y \\u0001\\n\\\"\"]}}\n",
        "[\"\xc3\xa9\xf0\x9f\x8e\xae\"]\n",
        "\"text\"\n",
        "12\n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_autoptr(nvb_json) json = parse(texts[i]);
        nvb_autofree char *again = NULL;

        EXPECT(json != NULL);
        again = nvb_json_dup_text(json, false);
        EXPECT_STR(again, texts[i]);
    }
}

TEST(refuses_what_is_not_json)
{
    static const char *const bad[] = {
        "",         " ",          "{",    "[1,]",      "{\"a\":}",     "{'a':1}",      "[1] 2",
        "nul",      "tru",        "[01]", "{\"a\" 1}", "\"\xff\xfe\"", "[1}",          "// c\n1",
        "\"\xc3\"", "[\"a\tb\"]", "NaN",  "-Infinity", "[Infinity]",   "\"\\ud800\"x", "[1]]",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (!is_refused(bad[i], strlen(bad[i])))
            printf("# accepted: %s\n", bad[i]);
        EXPECT(is_refused(bad[i], strlen(bad[i])));
    }
    EXPECT(is_refused("[1]\0[2]", 7));
}

TEST(refuses_a_tower_of_brackets)
{
    char text[4096];

    memset(text, '[', sizeof(text));
    EXPECT(is_refused(text, sizeof(text)));
    memset(text, '[', 2000);
    memset(text + 2000, ']', 2000);
    EXPECT(is_refused(text, 4000));
}

TEST(reading_the_wrong_type_gives_nothing)
{
    nvb_autoptr(nvb_json) json = parse("{\"n\":1,\"s\":\"x\",\"a\":[1]}");

    EXPECT(nvb_json_get(json, "absent") == NULL && nvb_json_get(NULL, "x") == NULL);
    EXPECT(nvb_json_get(nvb_json_get(json, "s"), "x") == NULL);
    EXPECT(nvb_json_get_str(json, "n") == NULL);
    EXPECT_STR(nvb_json_get_str(json, "s"), "x");
    EXPECT(nvb_json_length(nvb_json_get(json, "s")) == 0 && nvb_json_length(NULL) == 0);
    EXPECT(nvb_json_at(nvb_json_get(json, "a"), 1) == NULL);
    EXPECT(nvb_json_str(nvb_json_at(nvb_json_get(json, "a"), 0)) == NULL);
    EXPECT(!nvb_json_is_object(nvb_json_get(json, "a")) && nvb_json_is_object(json));
}

TEST(a_key_is_replaced_in_its_place)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *text = NULL;

    nvb_json_set_str(json, "a", "1");
    nvb_json_set_bool(json, "b", true);
    nvb_json_set_str(json, "a", NULL);
    nvb_json_set_i64(json, "c", -5);
    text = nvb_json_dup_text(json, false);
    EXPECT_STR(text, "{\"a\":null,\"b\":true,\"c\":-5}\n");
}

TEST(numbers_are_printed_as_json_in_every_locale)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {1.5,            "1.5\n"               },
        { 0,             "0.0\n"               },
        { -2,            "-2.0\n"              },
        { 0.1234567,     "0.123457\n"          },
        { 1e15,          "1000000000000000.0\n"},
        { 1e300 / 1e300, "1.0\n"               },
        { 100.0,         "100.0\n"             },
    };

    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* a comma, where it is installed */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_json) json = nvb_json_new_double(rows[i].value);
        nvb_autofree char *text = nvb_json_dup_text(json, false);

        EXPECT_STR(text, rows[i].text);
    }
}

TEST(what_is_no_number_is_null)
{
    static const double odd[] = { NAN, INFINITY, -INFINITY };

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        nvb_autoptr(nvb_json) json = nvb_json_new_double(odd[i]);
        nvb_autofree char *text = nvb_json_dup_text(json, false);

        EXPECT_STR(text, "null\n");
    }
}

TEST(prints_json_that_no_terminal_obeys)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        {"größe 日本 🎮",     "\"größe 日本 🎮\"\n"       },
        { "\033[31m\n\t\"",         "\"\\u001b[31m\\n\\t\\\"\"\n"     },
        { "\x7f \xc2\x9b \xc2\xa0", "\"\\u007f \\u009b \xc2\xa0\"\n"  },
        { "caf\xe9 \x9b \xc3",      "\"caf\\ufffd \\ufffd \\ufffd\"\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_json) json = nvb_json_new_str(rows[i].text);
        nvb_autofree char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);

        nvb_json_print(json, out);
        (void)fclose(out);
        EXPECT_STR(text, rows[i].printed);
    }
}

TEST(reads_numbers_with_a_sign_and_truths)
{
    static const char text[] = "{\"a\": -5, \"b\": 18446744073709551615, \"c\": true, \"d\": 1}";
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };
    int64_t number = 0;
    bool truth = false;

    EXPECT(nvb_json_parse(text, strlen(text), "test", &json, &err));
    EXPECT(nvb_json_read_i64(nvb_json_get(json, "a"), &number) && number == -5);
    EXPECT(!nvb_json_read_i64(nvb_json_get(json, "b"), &number) && number == -5);
    EXPECT(nvb_json_read_bool(nvb_json_get(json, "c"), &truth) && truth);
    EXPECT(!nvb_json_read_bool(nvb_json_get(json, "d"), &truth));
}
