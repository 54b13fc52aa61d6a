/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <string.h>

#include "test.h"

TEST(reads_whole_numbers_only)
{
    static const char *const bad[] = { "",   "-1",   "+1",  " 1",
                                       "1 ", "0x10", "1e3", "18446744073709551616" };
    uint64_t n = 7;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT(!nvb_parse_u64(bad[i], UINT64_MAX, &n) && n == 7);
    EXPECT(nvb_parse_u64("18446744073709551615", UINT64_MAX, &n) && n == UINT64_MAX);
    EXPECT(nvb_parse_u64("65535", 65535, &n) && n == 65535);
    EXPECT(!nvb_parse_u64("65536", 65535, &n));
    EXPECT(!nvb_parse_u64("9", 5, &n));
}

TEST(reads_sizes_in_powers_of_1024)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        {"0",     0         },
        { "512",  512       },
        { "1k",   1024      },
        { "2K",   2048      },
        { "3M",   3 << 20   },
        { "4GB",  4ULL << 30},
        { "5GiB", 5ULL << 30},
        { "1T",   1ULL << 40},
        { "7B",   7         },
    };

    static const char *const bad[] = {
        "", "k", "1kk", "1Gi", "-1k", "99999999999T", "1.5G", "1 G"
    };
    uint64_t n = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        EXPECT(nvb_parse_size(rows[i].text, &n) && n == rows[i].bytes);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT(!nvb_parse_size(bad[i], &n));
}

TEST(finds_the_word_that_was_meant)
{
    static const char *const words[] = { "run", "info", "doctor", "completions", NULL };

    EXPECT_STR(nvb_nearest("rum", words), "run");
    EXPECT_STR(nvb_nearest("docter", words), "doctor");
    EXPECT_STR(nvb_nearest("INFO", words), "info");
    EXPECT(nvb_nearest("xyzzy", words) == NULL);
}

TEST(counts_swapped_letters_as_one_slip)
{
    static const struct {
        const char *word;
        const char *meant; /* NULL = too far from all */
    } rows[] = {
        {"detial",     "detailed"},
        { "rnu",       "run"     },
        { "ifno",      "info"    },
        { "odctor",    "doctor"  },
        { "gaem",      "game"    },
        { "",          NULL      },
        { "r",         NULL      },
        { "dteailed",  "detailed"},
        { "deltaiedx", "detailed"},
    };

    static const char *const words[] = { "run", "info", "doctor", "detailed", "game", NULL };

    char longest[200]; /* a slip in three of its letters would be more than WORD_MAX */

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *got = nvb_nearest(rows[i].word, words);

        EXPECT_STR(got ? got : "(none)", rows[i].meant ? rows[i].meant : "(none)");
    }
    memset(longest, 'r', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    EXPECT(nvb_nearest(longest, words) == NULL);
    longest[63] = '\0';
    EXPECT(nvb_nearest(longest, words) == NULL);
}

TEST(sets_a_variable_once)
{
    nvb_auto_strv env = { 0 };

    nvb_env_set(&env, "A", "1");
    nvb_env_set(&env, "AB", "2");
    nvb_env_set(&env, "A", "3");
    EXPECT(env.n == 2 && env.items[2] == NULL);
    EXPECT_STR(nvb_env_get(&env, "A"), "3");
    EXPECT_STR(nvb_env_get(&env, "AB"), "2");
    EXPECT(nvb_env_get(&env, "B") == NULL);
}

TEST(joins_and_trims)
{
    nvb_auto_strv v = { 0 };
    nvb_autofree char *empty = nvb_strv_join(&v, ", ");
    char text[] = " \t a b \r\n";

    EXPECT_STR(empty, "");
    nvb_strv_add(&v, "x");
    nvb_strv_addf(&v, "%d", 2);
    {
        nvb_autofree char *joined = nvb_strv_join(&v, ", ");

        EXPECT_STR(joined, "x, 2");
    }
    EXPECT_STR(nvb_trim(text), "a b");
}

TEST(measures_utf8)
{
    static const struct {
        const char *text;
        size_t len;
        size_t want;
    } rows[] = {
        {"",                  0, 0},
        { "\0",               1, 1},
        { "a",                1, 1},
        { "\xc3\xa9",         2, 2},
        { "\xc3\xa9",         1, 0}, /* cut */
        { "\xc3(",            2, 0},
        { "\xa9",             1, 0}, /* begins in the middle */
        { "\xc1\xbf",         2, 0}, /* too long a form */
        { "\xe2\x82\xac",     3, 3},
        { "\xe2\x82\xac",     2, 0},
        { "\xe0\x9f\xbf",     3, 0}, /* too long a form */
        { "\xed\x9f\xbf",     3, 3},
        { "\xed\xa0\x80",     3, 0}, /* a surrogate */
        { "\xf0\x9f\x8e\xae", 4, 4},
        { "\xf0\x9f\x8e\xae", 3, 0},
        { "\xf0\x8f\xbf\xbf", 4, 0}, /* too long a form */
        { "\xf4\x8f\xbf\xbf", 4, 4},
        { "\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
        { "\xff",             1, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        EXPECT(nvb_utf8_length(rows[i].text, rows[i].len) == rows[i].want);
}

TEST(prints_no_control_character)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        {"plain",            "plain"          },
        { "größe\t日本", "größe\t日本"},
        { "\033]0;x\007",    "\\x1b]0;x\\x07" },
        { "a\nnvbind: b",    "a\n  nvbind: b" },
        { "a\n  12 | b",     "a\n  12 | b"    },
        { "\x9b"
          "2J",     "\\x9b2J"        },
        { "\xc2\x9b",        "\\xc2\\x9b"     },
        { "\xc2\xa0",        "\xc2\xa0"       },
        { "caf\xe9",         "caf\\xe9"       },
        { "\xc3",            "\\xc3"          },
        { "\r\x7f",          "\\x0d\\x7f"     },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);

        nvb_print_plain(rows[i].text, out);
        (void)fclose(out);
        EXPECT_STR(text, rows[i].printed);
    }
}
