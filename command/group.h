/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* group.h - commands of a command: `nvbind cdi list` is one of `nvbind cdi`, and that of `nvbind`.
 *
 * To make one: a file with `.subcommands = ...`, `.run = group_run` and `.opts = opt_none`. */
#pragma once

#include "cmd.h"

/* Run the subcommand that is named; options may stand before its name, too. */
int group_run(const struct cmd *group, int argc, char **argv);

/* The subcommand of that name, or NULL. */
const struct cmd *group_find(const struct cmd *group, const char *word);

/* "unknown command", with the nearest one as a hint; gives EXIT_USAGE. */
int group_complain_unknown(const struct cmd *group, const char *word, bool as_json);
