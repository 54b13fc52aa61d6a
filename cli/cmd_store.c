/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "group.h"

static const struct cmd *const subcommands[] = {
    &cmd_store_check,
    NULL,
};

const struct cmd cmd_store = {
    .name = "nvbind store",
    .summary = "look after the place where images are kept",
    .details = "Root's images are in /var/lib/nvbind, everyone else's in ~/.local/share/nvbind;\n"
               "NVBIND_STORE=DIR names another place.",
    .opts = opt_none,
    .run = group_run,
    .subcommands = subcommands,
};
