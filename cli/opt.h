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
    const char *const
        *words; /* the legal values, NULL-terminated, for completion and checking; or NULL */
};

/* Parse up to the first non-option or "--"; *out_rest is the index of what is left.
 * Letters may be joined ("-it"), a letter's value may follow at once ("-eA=b"). */
bool opt_parse(const struct opt *opts,
               int argc,
               char **argv,
               void *out,
               int *out_rest,
               struct nvb_err *err);
void opt_print_help(const struct opt *opts, FILE *out);
