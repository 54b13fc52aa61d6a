/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* completions.h - shell completion written from the tree of commands and their option tables.
 *
 * Nothing about a single option is known here: a new option or command completes at once. A
 * script first walks the typed words down the tree, over options and their values, to the name of
 * the command that is being typed ("nvbind cdi list"); what may follow is a row of that name. */
#pragma once

#include <stdio.h>

#include "cmd.h"

#define COMPLETIONS_SHELLS "bash|zsh|fish"

/* The `run` of a program's completions command, whose operands are COMPLETIONS_SHELLS. */
int completions_run(const struct cmd *cmd, int argc, char **argv);

void completions_print_bash(FILE *out);
void completions_print_zsh(FILE *out);
void completions_print_fish(FILE *out);

/* Every command of the tree, groups before what is in them. */
void completions_each(const struct cmd *top,
                      void (*print)(const struct cmd *cmd, FILE *out),
                      FILE *out);

/* The names that the walk may come to, in single quotes, with `separator` between. Caller frees. */
char *completions_dup_names(const char *separator);

/* "nvbind help cdi": where the commands of `nvbind cdi` are completed, too. Caller frees. */
char *completions_dup_help_name(const struct cmd *group);

/* `nvbind help` is completed by the rows of the groups. */
bool completions_is_help(const struct cmd *cmd);

/* What may stand behind a command's options: its legal words ("bash zsh fish"), or NULL for files.
 * Caller frees. */
char *completions_dup_arguments(const struct cmd *cmd);

/* The command that prints what a placeholder may stand for, one a line ("nvbind profile list --names"
 * for PROFILE), or NULL. */
const char *completions_lister(const char *placeholder, size_t len);

/* An option's legal words with blanks between, or NULL. Caller frees. */
char *completions_dup_words(const struct opt *opt);

/* Does the placeholder say that a path is wanted? */
bool completions_wants_dir(const struct opt *opt);
bool completions_wants_file(const struct opt *opt);

/* Text inside single quotes of bash and zsh; characters of `also` get a backslash before them. */
void completions_print_quoted(const char *text, const char *also, FILE *out);
