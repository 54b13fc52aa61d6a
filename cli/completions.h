/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* completions.h - shell completion written from the command and option tables.
 *
 * Nothing about a single option is known here: a new option or command completes at once. */
#pragma once

#include <stdio.h>

#include "cmd.h"

void completions_print_bash(FILE *out);
void completions_print_zsh(FILE *out);
void completions_print_fish(FILE *out);

/* What may stand behind a command's options: its legal words ("bash zsh fish"), or NULL for files.
 * Caller frees. */
char *completions_dup_arguments(const struct cmd *cmd);

/* An option's legal words with blanks between, or NULL. Caller frees. */
char *completions_dup_words(const struct opt *opt);

/* Does the placeholder say that a path is wanted? */
bool completions_wants_dir(const struct opt *opt);
bool completions_wants_file(const struct opt *opt);

/* Text inside single quotes of bash and zsh; characters of `also` get a backslash before them. */
void completions_print_quoted(const char *text, const char *also, FILE *out);
