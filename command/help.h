/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* help.h - `PROGRAM help COMMAND...`: the same text as `PROGRAM COMMAND... --help`. */
#pragma once

#include "cmd.h"

/* The `run` of a program's help command, whose operands are "[COMMAND]...". */
int help_run(const struct cmd *cmd, int argc, char **argv);
