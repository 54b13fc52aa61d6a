/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "group.h"

static const struct cmd *const subcommands[] = {
    &cmd_profile_keys, &cmd_profile_list, &cmd_profile_show, &cmd_profile_validate, NULL,
};

const struct cmd cmd_profile = {
    .name = "nvbind profile",
    .summary = "list, explain and check profiles",
    .details =
        "Profiles are TOML files: those that were installed, then /etc/nvbind/profiles, then\n"
        "~/.config/nvbind/profiles; the last file of a name is used, whole.",
    .opts = opt_none,
    .run = group_run,
    .subcommands = subcommands,
};
