/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "help.h"

const struct cmd cmd_help = {
    .name = "ghostforge help",
    .operands = "[COMMAND]...",
    .summary = "tell what a command does",
    .opts = opt_none,
    .run = help_run,
};
