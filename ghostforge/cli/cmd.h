/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cmd.h - the commands of ghostforge; what a command is stands in command/cmd.h. */
#pragma once

#include "command/cmd.h"

extern const struct cmd cmd_add;
extern const struct cmd cmd_completions;
extern const struct cmd cmd_help;
extern const struct cmd cmd_hide;
extern const struct cmd cmd_import;
extern const struct cmd cmd_list;
extern const struct cmd cmd_remove;
extern const struct cmd cmd_show;
extern const struct cmd cmd_unhide;
