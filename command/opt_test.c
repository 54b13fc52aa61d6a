/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "opt.h"

#include <string.h>

#include "test.h"

struct words {
    bool is_loud;
    bool is_quick;
    const char *colour;
    const char *level;
    struct nvb_strv names;
};

#define AT(field) offsetof(struct words, field)

static const char *const colours[] = { "red", "green", NULL };
static const char *const elsewhere[] = { "magic", "there is none", NULL };

static const struct opt opts[] = {
    {OPT_FLAG, 'l',          "loud", NULL, "speak up", AT(is_loud), NULL },
    { OPT_FLAG,    'q',      "quick", NULL, "hurry", AT(is_quick), NULL },
    { OPT_STRING,    'c',               "colour", "WHICH", "paint", AT(colour), colours },
    { OPT_OPTIONAL,  0,  "level", "N", "how much", AT(level), NULL },
    { OPT_LIST, 'n', "name", "NAME", "may repeat", AT(names), NULL },
    { .type = OPT_END,       .words = elsewhere        },
};

/* "x" and the words of the line into argv; gives how many. */
static int split(const char *line, char *argv[32])
{
    static char copy[256];
    int argc = 0;
    char *next = NULL;

    (void)snprintf(copy, sizeof(copy), "x %s", line);
    for (char *word = strtok_r(copy, " ", &next); word; word = strtok_r(NULL, " ", &next))
        argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
    argv[argc] = NULL;
    return argc;
}

static bool parse(const char *line, struct words *out, int *out_rest, struct nvb_err *err)
{
    char *argv[32];

    (void)split(line, argv);
    return opt_parse(opts, argv, false, out, out_rest, err);
}

static struct words expect_parsed(const char *line, int want_rest)
{
    struct words w = { 0 };
    nvb_auto_err err = { 0 };
    int rest = -1;

    EXPECT(parse(line, &w, &rest, &err));
    EXPECT(rest == want_rest);
    return w;
}

static void expect_refused(const char *line, const char *cause, const char *hint)
{
    struct words w = { 0 };
    nvb_auto_err err = { 0 };
    int rest = -1;

    EXPECT(!parse(line, &w, &rest, &err) && err.kind == NVB_E_INVALID);
    EXPECT_STR(err.lines[0], cause);
    EXPECT_STR(err.hint ? err.hint : "", hint);
    nvb_strv_clear(&w.names);
}

TEST(long_and_short_forms_mean_the_same)
{
    static const char *const lines[] = {
        "--loud --colour red --name a --name b",
        "--colour=red --name=a --name=b --loud",
        "-l -c red -n a -n b",
        "-lcred -na -nb",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct words w = { 0 };
        nvb_auto_err err = { 0 };
        int rest = 0;

        EXPECT(parse(lines[i], &w, &rest, &err) && w.is_loud && !w.is_quick && !w.level);
        EXPECT_STR(w.colour, "red");
        EXPECT(w.names.n == 2);
        EXPECT_STR(w.names.items[1], "b");
        nvb_strv_clear(&w.names);
    }
}

TEST(options_end_at_the_first_other_word)
{
    EXPECT(!expect_parsed("word --loud", 1).is_loud);
    EXPECT(expect_parsed("--loud -- --quick", 3).is_loud);
    EXPECT(!expect_parsed("-- --quick", 2).is_quick);
    EXPECT(expect_parsed("-lq -", 2).is_quick); /* "-" alone is a word: standard input */
    EXPECT(!expect_parsed("", 1).is_loud);
}

TEST(options_may_stand_among_other_words)
{
    static const struct {
        const char *line;
        const char *others; /* with commas between */
    } rows[] = {
        {"",                                     ""               },
        { "-lq --colour red",                    ""               },
        { "a b c",                               "a,b,c"          },
        { "a --loud b -c red -q c",              "a,b,c"          },
        { "--loud a --colour=red - -- --name b", "a,-,--name,b"   },
        { "a b --loud --",                       "a,b"            },
        { "-- a --",                             "a,--"           },
        { "--colour red --name -- a -n --",      "a"              }, /* "--" is a value there */
        { "-n 1 -n 2 -n 3 a b c d e f g -q h",   "a,b,c,d,e,f,g,h"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *argv[32];
        struct words w = { 0 };
        nvb_auto_strv others = { 0 };
        nvb_auto_err err = { 0 };
        nvb_autofree char *joined = NULL;
        int argc = split(rows[i].line, argv);
        int rest = -1;

        EXPECT(opt_parse(opts, argv, true, &w, &rest, &err) && rest > 0);
        for (char **word = argv + rest; *word; word++)
            nvb_strv_add(&others, *word);
        EXPECT(others.n == (size_t)(argc - rest));
        joined = nvb_strv_join(&others, ",");
        EXPECT_STR(joined, rows[i].others);
        nvb_strv_clear(&w.names);
    }
}

TEST(knows_which_option_takes_the_next_word)
{
    static const char *const yes[] = { "--colour", "--name", "-c", "-n", "-lqc" };
    static const char *const no[] = {
        "--loud", "--level", "--colour=red", "-l", "-cred", "-lqcred", "--nobody",
        "-z",     "-lz",     "-zc",          "-",  "--",    "",        "word"
    };

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        EXPECT(opt_takes_next(opts, yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        EXPECT(!opt_takes_next(opts, no[i]));
}

TEST(knows_the_options_of_its_table)
{
    static const char *const yes[] = { "--colour", "--colour=", "--colour=red", "-c", "-cred" };
    static const char *const no[] = { "--colours", "--colou", "--", "-", "", "colour", "c", "-z" };

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        EXPECT(opt_knows(opts, yes[i]) && !opt_knows(opt_none, yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        EXPECT(!opt_knows(opts, no[i]));
}

TEST(an_optional_value_stands_behind_an_equals_sign)
{
    EXPECT_STR(expect_parsed("--level", 2).level, "");
    EXPECT_STR(expect_parsed("--level=3", 2).level, "3");
    EXPECT_STR(expect_parsed("--level 3", 2).level, "");
}

TEST(wrong_words_are_refused_with_advice)
{
    expect_refused("--lodu", "unknown option '--lodu'", "did you mean '--loud'?");
    expect_refused("--xyzzy=1", "unknown option '--xyzzy'", "see the options with --help");
    expect_refused("--magic", "there is no '--magic'", "there is none");
    expect_refused("-z", "unknown option '-z'", "see the options with --help");
    expect_refused("-lz", "unknown option '-lz'", "see the options with --help");
    expect_refused("--loud=1", "--loud takes no value", "");
    expect_refused("--colour", "--colour needs a value", "write --colour WHICH");
    expect_refused("-lc", "--colour needs a value", "write --colour WHICH");
    expect_refused("--name", "--name needs a value", "write --name NAME");
    expect_refused("--colour rde", "--colour cannot be 'rde'",
                   "did you mean 'red'? it is one of: red, green");
    expect_refused("--colour=", "--colour cannot be ''", "use one of: red, green");
    expect_refused("-c ''", "--colour cannot be ''", "use one of: red, green");
}
