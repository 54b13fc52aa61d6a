/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cmd.h - every command is one file that exports one of these.
 *
 * Usage, help, completion and the check of the words come from what stands in it. */
#pragma once

#include "opt.h"

struct cmd {
    const char *name;       /* all its words: "nvbind info", "nvbind cdi list" */
    const char *operands;   /* the words behind its options, as operand.h says; or NULL */
    const char *summary;    /* one line, for the help of what it belongs to */
    const char *details;    /* paragraphs for its own help, or NULL */
    const struct opt *opts; /* ends with OPT_END; `offset`s point into the command's own struct */
    bool has_foreign_words; /* options end at the first operand: more are another program's */
    int (*run)(const struct cmd *cmd, int argc, char **argv); /* argv[0] is its name's last word */
    const struct cmd *const *subcommands; /* of a group, whose `run` is group_run; ends with NULL */
};

/* The group of all others: each program has its own, and its name is the program's. */
extern const struct cmd cmd_top;

enum {
    EXIT_USAGE = 2,
    EXIT_ENGINE = 125,         /* the container did not start */
    EXIT_NOT_EXECUTABLE = 126, /* its command exists but cannot be run */
    EXIT_NO_COMMAND = 127,     /* its command is absent */
};

/* Parse a command's options into `out` (the struct that its offsets mean), and give the words
 * behind them, as many as its operands want: *out_words ends with NULL, and may itself be NULL.
 * -h and --help print the command's help on stdout; *out_status is then 0 and the result is false.
 * A wrong word is told on stderr; *out_status is then EXIT_USAGE. */
bool cmd_parse(const struct cmd *cmd,
               int argc,
               char **argv,
               void *out,
               char ***out_words,
               int *out_status);

/* Is --help or --json among the words that are the command's own? */
bool cmd_asks_for_help(const struct cmd *cmd, int argc, char **argv);
bool cmd_asks_for_json(const struct cmd *cmd, int argc, char **argv);

/* Tell an error on stderr (as JSON when asked) and give the exit status for it: EXIT_USAGE for
 * what was typed wrong (NVB_D_REQUEST, NVB_E_INVALID), else EXIT_FAILURE. */
int cmd_complain(const struct nvb_err *err, bool as_json);

/* Tell that a command's own words were wrong: "nvbind info: unknown option '--detial'". Gives
 * EXIT_USAGE. */
int cmd_complain_usage(const struct cmd *cmd, const struct nvb_err *err, bool as_json);

/* "check" of "nvbind cdi check". */
const char *cmd_get_word(const struct cmd *cmd);

/* "nvbind cdi check [--json] [--root DIR] [FILE]...". */
char *cmd_dup_synopsis(const struct cmd *cmd);

void cmd_print_help(const struct cmd *cmd, FILE *out);
