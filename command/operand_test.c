/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "operand.h"

#include <string.h>

#include "test.h"

/* The words of a line, '' for an empty one. */
static char **split(const char *line)
{
    static char copy[64];
    static char *words[8];
    size_t n = 0;
    char *next = NULL;

    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &next); word; word = strtok_r(NULL, " ", &next))
        words[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
    words[n] = NULL;
    return words;
}

TEST(takes_as_many_words_as_it_says)
{
    static const struct {
        const char *operands;
        const char *line;
        const char *fault; /* "": good */
    } rows[] = {
        {NULL,                             "",         ""                                     },
        { "",                              "",         ""                                     },
        { NULL,                            "a",        "'a' is one word too many"             },
        { "FILE",                          "",         "a FILE is missing"                    },
        { "FILE",                          "a",        ""                                     },
        { "FILE",                          "''",       ""                                     },
        { "FILE",                          "a b",      "'b' is one word too many"             },
        { "IMAGE FILE",                    "",         "an IMAGE is missing"                  },
        { "IMAGE FILE",                    "a",        "a FILE is missing"                    },
        { "FILE...",                       "",         "a FILE is missing"                    },
        { "FILE...",                       "a b c",    ""                                     },
        { "[FILE]",                        "",         ""                                     },
        { "[FILE]",                        "a",        ""                                     },
        { "[FILE]",                        "a b",      "'b' is one word too many"             },
        { "[FILE]...",                     "",         ""                                     },
        { "[FILE]...",                     "a b",      ""                                     },
        { "IMAGE [--] [COMMAND [ARG]...]", "",         "an IMAGE is missing"                  },
        { "IMAGE [--] [COMMAND [ARG]...]", "a",        ""                                     },
        { "IMAGE [--] [COMMAND [ARG]...]", "a b c",    ""                                     },
        { "bash|zsh|fish",                 "zsh",      ""                                     },
        { "bash|zsh|fish",                 "",         "one of bash, zsh, fish is missing"    },
        { "bash|zsh|fish",                 "''",       "'' is none of bash, zsh, fish"        },
        { "bash|zsh|fish",                 "bash|zsh", "'bash|zsh' is none of bash, zsh, fish"},
        { "[on|off] FILE",                 "no",       "'no' is none of on, off"              },
        { "[on|off] FILE",                 "",         ""                                     },
        { "[on|off] FILE",                 "on",       "a FILE is missing"                    },
        { "NAME on|off",                   "x on",     ""                                     },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(operand_check(rows[i].operands, split(rows[i].line), &err) == !*rows[i].fault);
        EXPECT_STR(err.n_lines ? err.lines[0] : "", rows[i].fault);
        EXPECT(err.n_lines == 0 || err.kind == NVB_E_INVALID);
    }
}

TEST(offers_the_nearest_legal_word)
{
    nvb_auto_err err = { 0 };
    nvb_auto_err none = { 0 };

    EXPECT(!operand_check("bash|fish", split("fsh"), &err));
    EXPECT_STR(err.hint, "did you mean 'fish'?");
    EXPECT(!operand_check("bash|fish", split("powershell"), &none) && !none.hint);
}

TEST(lists_the_legal_words_of_the_first)
{
    nvb_auto_strv words = { 0 };
    nvb_autofree char *joined = NULL;

    operand_list_words(NULL, &words);
    operand_list_words("", &words);
    operand_list_words("NAME on|off", &words);
    EXPECT(words.n == 0);
    operand_list_words("[on|off]... FILE", &words);
    joined = nvb_strv_join(&words, ",");
    EXPECT_STR(joined, "on,off");
}
