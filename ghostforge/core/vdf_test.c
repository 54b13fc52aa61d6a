/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/vdf.h"

#include <string.h>

#include "base/text.h"
#include "test.h"

static GfVdf *parse(const char *text)
{
    GfVdf *vdf = NULL;
    nvb_auto_err err = { 0 };

    if (!gf_vdf_parse_text(text, strlen(text), "a.vdf", &vdf, &err))
        nvb_err_print(&err, "vdf", stderr);
    EXPECT(vdf != NULL);
    return vdf;
}

static void expect_refused(const char *text, const char *why)
{
    GfVdf *vdf = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!gf_vdf_parse_text(text, strlen(text), "a.vdf", &vdf, &err));
    EXPECT(vdf == NULL && err.domain == NVB_D_GAMES);
    EXPECT_STR(err.lines[0], why);
}

TEST(reads_keys_whatever_their_case)
{
    g_autoptr(GfVdf) vdf =
        parse("\"AppState\"\n{\n\t\"appid\"\t\t\"620\"\n\t\"Name\"\t\"Portal 2\"\n"
              "\t\"UserConfig\" { \"language\" \"english\" } }\n");
    const GfVdfNode *state = gf_vdf_get(gf_vdf_root(vdf), "APPSTATE");
    uint64_t id = 0;

    EXPECT(gf_vdf_get_u64(state, "AppID", &id) && id == 620);
    EXPECT_STR(gf_vdf_get_text(state, "name"), "Portal 2");
    EXPECT_STR(gf_vdf_find(gf_vdf_root(vdf), "appstate", "userconfig", "LANGUAGE", NULL)->text,
               "english");
    EXPECT(gf_vdf_get(state, "absent") == NULL && gf_vdf_get_text(state, "UserConfig") == NULL);
}

TEST(keeps_empty_text_and_the_first_of_equal_keys)
{
    g_autoptr(GfVdf) vdf = parse("\"label\" \"\" \"path\" \"/a\" \"path\" \"/b\"");

    EXPECT_STR(gf_vdf_get_text(gf_vdf_root(vdf), "label"), "");
    EXPECT_STR(gf_vdf_get_text(gf_vdf_root(vdf), "path"), "/a");
}

TEST(undoes_escapes_and_leaves_other_backslashes)
{
    g_autoptr(GfVdf) vdf = parse("\"a\" \"C:\\\\Games\\\\x\" \"b\" \"say \\\"hi\\\"\\n\\tnow\" "
                                 "\"c\" \"C:\\Games\"");
    const GfVdfNode *root = gf_vdf_root(vdf);

    EXPECT_STR(gf_vdf_get_text(root, "a"), "C:\\Games\\x");
    EXPECT_STR(gf_vdf_get_text(root, "b"), "say \"hi\"\n\tnow");
    EXPECT_STR(gf_vdf_get_text(root, "c"), "C:\\Games");
}

TEST(reads_bare_words_comments_and_conditions)
{
    g_autoptr(GfVdf) vdf =
        parse("// made by hand\nmanifest{ version 2 // two\n commandline \"/proton\"\n"
              "\"dll\" \"a\" [$WIN32]\n\"dll\" \"b\" [$LINUX]\n"
              "\"only\" [!$X360] { \"x\" \"1\" } not \"y\" [!$LINUX] }");
    const GfVdfNode *map = gf_vdf_get(gf_vdf_root(vdf), "manifest");

    EXPECT_STR(gf_vdf_get_text(map, "version"), "2");
    EXPECT_STR(gf_vdf_get_text(map, "dll"), "b");
    EXPECT_STR(gf_vdf_get_text(gf_vdf_get(map, "only"), "x"), "1");
    EXPECT(gf_vdf_get(map, "not") == NULL);
}

TEST(refuses_what_is_half_written)
{
    expect_refused("\"AppState\"\n{\n\t\"appid\"\t\"6", "a.vdf:3: it ends in the middle of a word");
    expect_refused("\"AppState\"\n{\n\t\"appid\"", "a.vdf:3: it ends behind a key");
    expect_refused("\"AppState\" { \"appid\" \"1\"", "a.vdf:1: it ends before its last '}'");
    expect_refused("\"a\" \"b\" }", "a.vdf:1: there is a '}' too many");
    expect_refused("\"a\" { \"b\" }", "a.vdf:1: a key has no value");
    expect_refused("{ }", "a.vdf:1: a key is missing");
}

TEST(refuses_a_tail_of_zero_bytes)
{
    static const char text[] = "\"a\" \"b\"\n\0\0\0\0";
    GfVdf *vdf = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!gf_vdf_parse_text(text, sizeof(text) - 1, "a.vdf", &vdf, &err));
    EXPECT_STR(err.lines[0], "a.vdf:2: there is a zero byte in it");
}

TEST(refuses_a_tree_that_is_too_deep)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GfVdf *vdf = NULL;
    nvb_auto_err err = { 0 };

    for (int i = 0; i < 100000; i++)
        g_string_append(text, "a{");
    EXPECT(!gf_vdf_parse_text(text->str, text->len, "a.vdf", &vdf, &err));
    EXPECT_STR(err.lines[0], "a.vdf:1: it is too deep");
}

TEST(prints_text_that_reads_back_the_same)
{
    g_autoptr(GfVdf) vdf = parse("a { b \"c \\\"d\\\\\" e { } } f \"\"");
    g_autofree char *text = gf_vdf_dup_text(vdf);
    g_autoptr(GfVdf) again = parse(text);
    g_autofree char *second = gf_vdf_dup_text(again);

    EXPECT_STR(text, "\"a\"\n{\n\t\"b\"\t\t\"c \\\"d\\\\\"\n\t\"e\"\n\t{\n\t}\n}\n\"f\"\t\t\"\"\n");
    EXPECT_STR(second, text);
}

/* One of every type, with keys in an order that is not ours. */
#define SHORTCUT                               \
    "\0shortcuts\0"                            \
    "\0000\0"                                  \
    "\1appname\0Caf\303\251\0"                 \
    "\2appid\0\1\2\3\x84"                      \
    "\3f\0\0\0\200?"                           \
    "\5wide\0h\0i\0\0\0"                       \
    "\7big\0\1\0\0\0\0\0\0\x80"                \
    "\12neg\0\377\377\377\377\377\377\377\377" \
    "\0tags\0\0010\0favourite\0\10"            \
    "\10"                                      \
    "\10"                                      \
    "\10"

TEST(reads_bytes_of_every_type)
{
    static const char bytes[] = SHORTCUT;
    g_autoptr(GfVdf) vdf = NULL;
    g_autofree char *back = NULL;
    const GfVdfNode *shortcut = NULL;
    nvb_auto_err err = { 0 };
    uint64_t number = 0;
    size_t len = 0;

    EXPECT(gf_vdf_parse_bytes(bytes, sizeof(bytes) - 1, "shortcuts.vdf", &vdf, &err));
    shortcut = gf_vdf_find(gf_vdf_root(vdf), "Shortcuts", "0", NULL);
    EXPECT_STR(gf_vdf_get_text(shortcut, "AppName"), "Caf\303\251");
    EXPECT_STR(gf_vdf_get_text(shortcut, "wide"), "hi");
    EXPECT(gf_vdf_get_u64(shortcut, "appid", &number) && number == 0x84030201);
    EXPECT(gf_vdf_get_u64(shortcut, "big", &number) && number == 0x8000000000000001);
    EXPECT_STR(gf_vdf_find(shortcut, "tags", "0", NULL)->text, "favourite");
    back = gf_vdf_dup_bytes(vdf, &len);
    EXPECT(len == sizeof(bytes) - 1 && memcmp(back, bytes, len) == 0);
}

TEST(refuses_bytes_cut_off_anywhere)
{
    static const char bytes[] = SHORTCUT;

    /* Without its last byte it is whole. */
    for (size_t len = 1; len < sizeof(bytes) - 2; len++) {
        GfVdf *vdf = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!gf_vdf_parse_bytes(bytes, len, "shortcuts.vdf", &vdf, &err));
        EXPECT(vdf == NULL && err.n_lines == 1);
    }
}
