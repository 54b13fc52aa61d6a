/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* opt.h - one table per command describes its options; parsing, --help, shell
 * completion and "did you mean" are all made from that table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum opt_type {
    OPT_END,
    OPT_FLAG,     /* bool                                                        */
    OPT_STRING,   /* const char *, points into argv                              */
    OPT_LIST,     /* struct nvb_strv, may repeat                                 */
    OPT_OPTIONAL, /* const char *: "" when given without "=VALUE", NULL when absent */
};

struct opt {
    enum opt_type type;
    char letter;       /* 0 for none */
    const char *name;  /* without the dashes */
    const char *value; /* placeholder in the help, or NULL for a flag */
    const char *help;  /* one line */
    size_t offset;     /* of the field in the command's struct, by offsetof() */
    /* The legal values, NULL-terminated, for completion and checking; or NULL. Of OPT_END: names of
     * options that other programs have, and why there is none, by turns. */
    const char *const *words;
    bool has_other_words; /* `words` are not all that is legal: they are for completion */
};

/* Rows that many tables have. */
#define OPT_JSON(offset_)                                              \
    {                                                                  \
        OPT_FLAG, 'j', "json", NULL, "answer as JSON", (offset_), NULL \
    }
#define OPT_ROOT(offset_)                                                                          \
    {                                                                                              \
        OPT_STRING, 0, "root", "DIR", "look at the machine below DIR, not at this one", (offset_), \
            NULL                                                                                   \
    }

/* The table of what has no options. */
extern const struct opt opt_none[];

/* Is it a word that means options? "-" alone is not: that is standard input's name. */
bool opt_is_option(const char *word);

/* Does "--name", "--name=value", "-n" or "-nvalue" begin with one of the table? */
bool opt_knows(const struct opt *opts, const char *word);

/* Is what stands behind this word the value of an option in it? */
bool opt_takes_next(const struct opt *opts, const char *word);

/* Parse up to "--", or up to the first other word unless `is_mixed`: options may then stand among
 * the other words, which are moved behind them. *out_rest is the index of the first of these; as
 * argv does, they end with NULL.
 * Letters may be joined ("-it"), a letter's value may follow at once ("-eA=b"). */
bool opt_parse(const struct opt *opts,
               char **argv,
               bool is_mixed,
               void *out,
               int *out_rest,
               struct nvb_err *err);

/* "unknown option", with the nearest of the table as a hint. */
bool opt_fail_unknown(const struct opt *opts, const char *word, struct nvb_err *err);

/* "--json", "--root DIR", "--level[=N]". */
char *opt_dup_name(const struct opt *opt);

void opt_print_help(const struct opt *opts, FILE *out);
