/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/toml.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/toml_internal.h"
#include "test.h"

#define PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct nvb_toml *parse(const char *text)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_toml_parse(text, strlen(text), "t.toml", &doc, &err))
        nvb_err_print(&err, "#", stdout);
    EXPECT(doc != NULL);
    return doc;
}

static void expect_refused(const char *text, const char *cause)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_toml_parse(text, strlen(text), "t.toml", &doc, &err));
    EXPECT(doc == NULL && err.kind == NVB_E_INVALID && err.n_lines == 1);
    EXPECT_STR(err.lines[0], cause);
}

TEST(tells_the_place_with_a_caret)
{
    expect_refused("level = \n", "t.toml:1:9: expected a value\n    1 | level = \n"
                                 "      |         ^");
    expect_refused("a = 1\n\n\tb = yes # no\r\n",
                   "t.toml:3:6: 'yes' is not a value\n    3 |  b = yes # no\n"
                   "      |      ^");
    expect_refused("\xef\xbb\xbf\xc3\xa9 = 1", "t.toml:1:1: expected a key\n    1 | \xc3\xa9 = 1\n"
                                               "      | ^");
    expect_refused("\"\xc3\xa9\" = 1 2", "t.toml:1:9: expected a line end behind the value\n"
                                         "    1 | \"\xc3\xa9\" = 1 2\n      |         ^");
    expect_refused("a = [1,\n2", "t.toml:1:5: the array has no closing ]\n    1 | a = [1,\n"
                                 "      |     ^");
    expect_refused("[a]\nb = 1\nb = 2", "t.toml:3:1: 'b' is already defined, on line 2\n"
                                        "    3 | b = 2\n      | ^");
}

TEST(shows_a_window_of_a_long_line)
{
    nvb_auto_buf b = { 0 };
    nvb_auto_buf want = { 0 };

    nvb_buf_add_str(&b, "a = \"");
    for (int i = 0; i < 200; i++)
        nvb_buf_add_str(&b, "\xc3\xa9");
    nvb_buf_add_str(&b, "\\q");
    for (int i = 0; i < 200; i++)
        nvb_buf_add_str(&b, "x");
    nvb_buf_add_str(&want, "t.toml:1:206: unknown escape '\\q'\n    1 | ...");
    for (int i = 0; i < 60; i++)
        nvb_buf_add_str(&want, "\xc3\xa9");
    nvb_buf_add_str(&want, "\\q");
    for (int i = 0; i < 18; i++)
        nvb_buf_add_str(&want, "x");
    nvb_buf_addf(&want, "...\n      | %63s^", "");
    expect_refused(b.data, want.data);
}

TEST(prints_nothing_that_moves_the_cursor)
{
    expect_refused("a = 1 \x1b[2J", "t.toml:1:7: control character 0x1b\n    1 | a = 1 ?[2J\n"
                                    "      |       ^");
    expect_refused("a = \"\xc2\x9b\" 1", "t.toml:1:9: expected a line end behind the value\n"
                                         "    1 | a = \"?\" 1\n      |         ^");
    expect_refused("a = '\xff'", "t.toml:1:6: byte 0xff is not UTF-8\n    1 | a = '?'\n"
                                 "      |      ^");
    expect_refused("a = 1\rb = 2", "t.toml:1:6: a carriage return without a line feed\n"
                                   "    1 | a = 1?b = 2\n      |      ^");
}

TEST(refuses_bytes_that_are_not_text)
{
    static const char nul[] = "a = 1\n\0b = 2";
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_toml_parse(nul, sizeof(nul) - 1, "t", &doc, &err));
    EXPECT(strstr(err.lines[0], "t:2:1: control character 0x00"));
}

TEST(has_limits)
{
    nvb_auto_buf deep = { 0 };
    nvb_auto_buf dots = { 0 };
    nvb_auto_buf big = { 0 };
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    nvb_buf_add_str(&deep, "a = ");
    for (int i = 0; i < 100000; i++) {
        nvb_buf_add_str(&deep, "[");
        nvb_buf_add_str(&dots, i ? ".a" : "a");
    }
    nvb_buf_add_str(&dots, " = 1");
    EXPECT(!nvb_toml_parse(deep.data, deep.len, "t", &doc, &err));
    EXPECT(strstr(err.lines[0], "t:1:69: more than 64 levels deep"));
    EXPECT(!nvb_toml_parse(dots.data, dots.len, "t", &doc, &err));
    EXPECT(strstr(err.lines[0], "more than 64 levels deep"));
    while (big.len <= TOML_SIZE_MAX)
        nvb_buf_add_str(&big, "# a line of comment\n");
    EXPECT(!nvb_toml_parse(big.data, big.len, "t", &doc, &err));
    EXPECT_STR(err.lines[0], "'t' is larger than 1048576 bytes");
}

/* Finding duplicates must not take a walk over all keys for each key. */
TEST(reads_a_hundred_thousand_keys)
{
    nvb_auto_buf b = { 0 };
    nvb_autoptr(nvb_toml) doc = NULL;

    for (int i = 0; i < 100000; i++)
        nvb_buf_addf(&b, "%x=1\n", (unsigned)i);
    doc = parse(b.data);
    EXPECT(nvb_toml_root(doc)->table.n == 100000);
    EXPECT(nvb_toml_get(nvb_toml_root(doc), "1869f")->line == 100000);
}

TEST(reads_every_type)
{
    nvb_autoptr(nvb_toml) doc =
        parse("s = 'x'\ni = -9223372036854775808\nh = 0x7fff_ffff_ffff_ffff\nf = 6.5e-1\n"
              "b = true\nodt = 2026-01-31 07:32:00.5z\nldt = 2026-01-31t07:32:00\n"
              "ld = 2024-02-29\nlt = 23:59:60\na = [1, 'two', { three = 3 }]\n[[t]]\n[[t]]\n"
              "\"k\\u0000k\" = 1\n");
    const struct nvb_toml_value *root = nvb_toml_root(doc);
    const struct nvb_toml_value *t = nvb_toml_get(root, "t");

    EXPECT_STR(nvb_toml_get(root, "s")->string.text, "x");
    EXPECT(nvb_toml_get(root, "i")->integer == INT64_MIN);
    EXPECT(nvb_toml_get(root, "h")->integer == INT64_MAX);
    EXPECT(fabs(nvb_toml_get(root, "f")->real - 0.65) < 1e-15);
    EXPECT(nvb_toml_get(root, "b")->type == NVB_TOML_BOOL && nvb_toml_get(root, "b")->boolean);
    EXPECT(nvb_toml_get(root, "odt")->type == NVB_TOML_DATETIME);
    EXPECT_STR(nvb_toml_get(root, "odt")->string.text, "2026-01-31T07:32:00.5Z");
    EXPECT(nvb_toml_get(root, "ldt")->type == NVB_TOML_LOCAL_DATETIME);
    EXPECT_STR(nvb_toml_get(root, "ldt")->string.text, "2026-01-31T07:32:00");
    EXPECT(nvb_toml_get(root, "ld")->type == NVB_TOML_LOCAL_DATE);
    EXPECT(nvb_toml_get(root, "lt")->type == NVB_TOML_LOCAL_TIME);
    EXPECT(nvb_toml_get(root, "a")->array.n == 3);
    EXPECT(nvb_toml_find(nvb_toml_get(root, "a")->array.items[2], "three", NULL)->integer == 3);
    EXPECT(t->type == NVB_TOML_ARRAY && t->array.n == 2 && t->line == 11);
    EXPECT(t->array.items[1]->line == 12 && t->array.items[1]->table.key_lens[0] == 3);
    EXPECT(nvb_toml_get(t->array.items[1], "k") == NULL);
    EXPECT(nvb_toml_find(root, "s", "x", NULL) == NULL && nvb_toml_get(NULL, "s") == NULL);
}

TEST(refuses_numbers_that_do_not_fit)
{
    expect_refused("a = 9223372036854775808",
                   "t.toml:1:5: '9223372036854775808' is out of range for a 64-bit integer\n"
                   "    1 | a = 9223372036854775808\n      |     ^");
    expect_refused("a = 1e999", "t.toml:1:5: '1e999' is out of range for a float\n"
                                "    1 | a = 1e999\n      |     ^");
}

TEST(reads_numbers_with_a_point_in_every_locale)
{
    static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8" };
    const char *set = NULL;
    nvb_autoptr(nvb_toml) doc = NULL;
    nvb_auto_err err = { 0 };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !set; i++)
        set = setlocale(LC_ALL, names[i]);
    if (!set)
        SKIP("no locale with a decimal comma is installed");
    doc = parse("a = 1.5\n");
    EXPECT(fabs(nvb_toml_get(nvb_toml_root(doc), "a")->real - 1.5) < 1e-15);
    EXPECT(nvb_toml_set_real(doc, PATH("a"), 2.25, &err));
    EXPECT_STR(nvb_toml_text(doc, NULL), "a = 2.25\n");
}

TEST(points_callers_at_values)
{
    nvb_autoptr(nvb_toml) doc = parse("[limits]\nnofile = \"many\"\n");
    const struct nvb_toml_value *v = nvb_toml_find(nvb_toml_root(doc), "limits", "nofile", NULL);
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_toml_fail_at(doc, v, NVB_D_PROFILE, &err, "expected an integer, not a %s",
                             nvb_toml_type_name(v->type)));
    EXPECT(err.domain == NVB_D_PROFILE && err.kind == NVB_E_INVALID);
    EXPECT_STR(err.lines[0], "t.toml:2:10: expected an integer, not a string\n"
                             "    2 | nofile = \"many\"\n      |          ^");
}

/* Set `path` (its keys with slashes between) to 7, or unset it. */
struct edit_row {
    const char *before;
    const char *path;
    const char *after;
};

static struct nvb_strv split(const char *path)
{
    nvb_autofree char *copy = nvb_xstrdup(path);
    struct nvb_strv keys = { 0 };
    char *rest = copy;

    while (rest)
        nvb_strv_add(&keys, strsep(&rest, "/"));
    return keys;
}

static void expect_set(const struct edit_row *row)
{
    nvb_autoptr(nvb_toml) doc = parse(row->before);
    nvb_auto_strv path = split(row->path);
    const struct nvb_toml_value *v = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_toml_set_integer(doc, (const char *const *)path.items, 7, &err))
        nvb_err_print(&err, "#", stdout);
    EXPECT_STR(nvb_toml_text(doc, NULL), row->after);
    v = nvb_toml_root(doc);
    for (size_t i = 0; i < path.n; i++)
        v = nvb_toml_get(v, path.items[i]);
    EXPECT(v && v->type == NVB_TOML_INTEGER && v->integer == 7);
}

TEST(replaces_only_the_value)
{
    const struct edit_row rows[] = {
        {"a = 1",                          "a",       "a = 7"                     },
        { "  a\t=  'x'   # why\n\n# b\n",  "a",       "  a\t=  7   # why\n\n# b\n"},
        { "a = 1 # c\r\nb = 2\r\n",        "b",       "a = 1 # c\r\nb = 7\r\n"    },
        { "a.b = 1\na.c = 2\n",            "a/c",     "a.b = 1\na.c = 7\n"        },
        { "[a]\n[a.b]\n\"c d\"=0 #\n",     "a/b/c d", "[a]\n[a.b]\n\"c d\"=7 #\n" },
        { "a = { b = 1, c = [ 1 ] } # x",  "a/c",     "a = { b = 1, c = 7 } # x"  },
        { "a = [\n  1, # one\n]\nb = 1\n", "a",       "a = 7\nb = 1\n"            },
        { "a = \"\"\"\nx\n\"\"\" # c\n",   "a",       "a = 7 # c\n"               },
        { "\357\273\277a = 1\n",           "a",       "\357\273\277a = 7\n"       },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_set(&rows[i]);
}

TEST(adds_a_line_to_the_table)
{
    const struct edit_row rows[] = {
        {"",                            "a",       "a = 7\n"                            },
        { "# only a comment",           "a",       "# only a comment\na = 7\n"          },
        { "a = 1",                      "b",       "a = 1\nb = 7\n"                     },
        { "a = 1\r\n",                  "b",       "a = 1\r\nb = 7\r\n"                 },
        { "a = 1\n\n# of t\n[t]\n",     "b",       "a = 1\nb = 7\n\n# of t\n[t]\n"      },
        { "# head\n\n# of t\n[t]\n",    "b",       "# head\n\nb = 7\n\n# of t\n[t]\n"   },
        { "\357\273\277[t]\n",          "b",       "\357\273\277b = 7\n\n[t]\n"         },
        { "[t]\n  a = [\n1 ]\n\n[u]\n", "t/b",     "[t]\n  a = [\n1 ]\n  b = 7\n\n[u]\n"},
        { "[t] # c\n[u]\n",             "t/b",     "[t] # c\nb = 7\n[u]\n"              },
        { "[t]",                        "t/b",     "[t]\nb = 7\n"                       },
        { "a.b = 1\nc = 2\n",           "a/d",     "a.b = 1\na.d = 7\nc = 2\n"          },
        { "[t]\na.b = 1\n[u]\n",        "t/a/d e", "[t]\na.b = 1\na.\"d e\" = 7\n[u]\n" },
        { "[t]\na = {}\n",              "t/a/d",   "[t]\na = { d = 7 }\n"               },
        { "a = { b = 1 } # c\n",        "a/d",     "a = { b = 1, d = 7 } # c\n"         },
        { "a = { b.c = {x=1} }\n",      "a/b/d",   "a = { b.c = {x=1}, b.d = 7 }\n"     },
        { "a = { b = 1 }\n",            "a/x/y",   "a = { b = 1, x.y = 7 }\n"           },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_set(&rows[i]);
}

TEST(adds_missing_tables_at_the_end)
{
    const struct edit_row rows[] = {
        {"",                     "t/a",     "[t]\na = 7\n"                                    },
        { "a = 1",               "t/a",     "a = 1\n\n[t]\na = 7\n"                           },
        { "[a.b]\nc = 1\r\n",    "a/d",     "[a.b]\nc = 1\r\n\n[a]\nd = 7\n"                  },
        { "[a]\r\nb = 1\r\n",    "a//\"",   "[a]\r\nb = 1\r\n\r\n[a.\"\"]\r\n\"\\\"\" = 7\r\n"},
        { "[a]\nb.c = 1\n[z]\n", "a/b/x/y", "[a]\nb.c = 1\n[z]\n\n[a.b.x]\ny = 7\n"           },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_set(&rows[i]);
}

TEST(unsets_the_whole_line_and_nothing_else)
{
    const struct edit_row rows[] = {
        {"a = 1 # x\nb = 2\n",              "a",     "b = 2\n"       },
        { "# c\na = [\n1,\n] # x\r\nb = 2", "a",     "# c\nb = 2"    },
        { "a = 1\nb = 2",                   "b",     "a = 1\n"       },
        { "a = 1\n",                        "b",     "a = 1\n"       },
        { "a = 1\n",                        "b/c",   "a = 1\n"       },
        { "[t]\na.b = 1\na.c = 2\n",        "t/a/b", "[t]\na.c = 2\n"},
        { "t = { a = 1, b = 2 }",           "t/a",   "t = { b = 2 }" },
        { "t = { a = 1 , b = 2 }",          "t/b",   "t = { a = 1 }" },
        { "t = { a = 1 }",                  "t/a",   "t = { }"       },
        { "\357\273\277a = 1\n",            "a",     "\357\273\277"  },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_toml) doc = parse(rows[i].before);
        nvb_auto_strv path = split(rows[i].path);
        nvb_auto_err err = { 0 };

        EXPECT(nvb_toml_unset(doc, (const char *const *)path.items, &err));
        EXPECT_STR(nvb_toml_text(doc, NULL), rows[i].after);
    }
}

TEST(refuses_paths_that_lead_to_tables_or_through_values)
{
    static const char text[] = "a = 1\n[t]\n[[l]]\n";
    nvb_autoptr(nvb_toml) doc = parse(text);
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_toml_set_bool(doc, PATH("t"), true, &err));
    EXPECT_STR(err.lines[0], "'t' in 't.toml' is a table");
    EXPECT(!nvb_toml_set_bool(doc, PATH("l"), true, &err));
    EXPECT_STR(err.lines[0], "'l' in 't.toml' is an array of tables");
    EXPECT(!nvb_toml_set_bool(doc, PATH("l", "x"), true, &err));
    EXPECT_STR(err.lines[0], "'l' in 't.toml' is no table but an array");
    EXPECT(!nvb_toml_set_bool(doc, PATH("a", "x"), true, &err));
    EXPECT_STR(err.lines[0], "'a' in 't.toml' is no table but an integer");
    EXPECT(!nvb_toml_unset(doc, PATH("t"), &err) && err.kind == NVB_E_INVALID);
    EXPECT(!nvb_toml_unset(doc, PATH("a", "x"), &err) && err.kind == NVB_E_INVALID);
    EXPECT(!nvb_toml_set_str(doc, PATH("s"), "\xff", &err) && err.kind == NVB_E_INVALID);
    EXPECT(!nvb_toml_set_str(doc, PATH("\xff"), "s", &err) && err.kind == NVB_E_INVALID);
    EXPECT(!nvb_toml_set_str(doc, (const char *const[]){ NULL }, "s", &err));
    EXPECT_STR(nvb_toml_text(doc, NULL), text);
}

TEST(writes_values_that_read_back)
{
    static const char awkward[] = "C:\\games\\\"x\"\t\n\x01\x7f \xc3\xa9";
    static const double reals[] = { 0.1, 1e300, -2.0, 123456789.123456789, 5e-324 };
    nvb_autoptr(nvb_toml) doc = parse("");
    nvb_auto_err err = { 0 };

    EXPECT(nvb_toml_set_str(doc, PATH("s"), awkward, &err));
    EXPECT_STR(nvb_toml_get(nvb_toml_root(doc), "s")->string.text, awkward);
    EXPECT_STR(nvb_toml_text(doc, NULL),
               "s = \"C:\\\\games\\\\\\\"x\\\"\\t\\n\\u0001\\u007F \xc3\xa9\"\n");
    EXPECT(nvb_toml_set_bool(doc, PATH("b"), false, &err));
    EXPECT(!nvb_toml_get(nvb_toml_root(doc), "b")->boolean);
    EXPECT(nvb_toml_set_integer(doc, PATH("i"), INT64_MIN, &err));
    EXPECT(nvb_toml_get(nvb_toml_root(doc), "i")->integer == INT64_MIN);
    for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
        double got = 0;

        EXPECT(nvb_toml_set_real(doc, PATH("f"), reals[i], &err));
        got = nvb_toml_get(nvb_toml_root(doc), "f")->real;
        EXPECT(got >= reals[i] && got <= reals[i]);
    }
    EXPECT(nvb_toml_set_real(doc, PATH("f"), (double)NAN, &err));
    EXPECT(isnan(nvb_toml_get(nvb_toml_root(doc), "f")->real));
    EXPECT(nvb_toml_set_real(doc, PATH("f"), -(double)INFINITY, &err));
    EXPECT(isinf(nvb_toml_get(nvb_toml_root(doc), "f")->real));
}

TEST(says_which_file_is_missing)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_toml_read_file("/nonexistent/x.toml", &doc, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
    EXPECT_STR(err.lines[0], "cannot open '/nonexistent/x.toml': No such file or directory");
}
