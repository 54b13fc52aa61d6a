/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cmd.h - every subcommand is one file that exports one of these. */
#pragma once

#include "opt.h"

struct cmd {
    const char *name;
    const char *synopsis; /* behind "nvbind " */
    const char *summary;  /* one line, for `nvbind help` */
    const char *details;  /* paragraphs for `nvbind help NAME`, or NULL */
    const struct opt
        *opts; /* static, ends with OPT_END; `offset`s point into the command's own struct */
    int (*run)(const struct cmd *cmd, int argc, char **argv); /* argv[0] is the command's name */
};

/* All of them, in the order of the help; ends with NULL. */
extern const struct cmd *const cmds[];

extern const struct cmd cmd_cdi;
/* Commands of cmd_cdi, with options of their own. */
extern const struct cmd cmd_cdi_check;
extern const struct cmd cmd_cdi_generate;
extern const struct cmd cmd_cdi_refresh;
extern const struct cmd cmd_completions;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_help;
extern const struct cmd cmd_info;
extern const struct cmd cmd_profile;
extern const struct cmd cmd_run;

enum {
    EXIT_USAGE = 2,
    EXIT_ENGINE = 125,         /* the container did not start */
    EXIT_NOT_EXECUTABLE = 126, /* its command exists but cannot be run */
    EXIT_NO_COMMAND = 127,     /* its command is absent */
};

/* Parse a command's options into `out` (the struct that its offsets mean). -h and --help print the
 * command's help on stdout; *out_status is then 0 and the result is false. A wrong word is told
 * on stderr with "did you mean"; *out_status is then EXIT_USAGE. *out_rest is the first non-option. */
bool cmd_parse(const struct cmd *cmd,
               int argc,
               char **argv,
               void *out,
               int *out_rest,
               int *out_status);

/* Tell an error on stderr (as JSON when asked) and give the exit status for it:
 * NVB_E_INVALID -> EXIT_USAGE, else EXIT_FAILURE. */
int cmd_complain(const struct nvb_err *err, bool as_json);

/* Tell that a command's own words were wrong: "nvbind info: unknown option '--detial'". Gives
 * EXIT_USAGE. */
int cmd_complain_usage(const struct cmd *cmd, const struct nvb_err *err);

/* "unknown command", with the nearest one as a hint; gives EXIT_USAGE. */
int cmd_complain_unknown(const char *word);

void cmd_print_help(const struct cmd *cmd, FILE *out);
