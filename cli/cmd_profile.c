/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "group.h"

static const struct cmd *const subcommands[] = {
    &cmd_profile_copy,     &cmd_profile_keys,
    &cmd_profile_list,     &cmd_profile_new,
    &cmd_profile_remove,   &cmd_profile_set,
    &cmd_profile_show,     &cmd_profile_unset,
    &cmd_profile_validate, NULL,
};

const struct cmd cmd_profile = {
    .name = "nvbind profile",
    .summary = "list, explain, check and change profiles",
    .details =
        "Profiles are TOML files: those that were installed, then /etc/nvbind/profiles, then\n"
        "~/.config/nvbind/profiles; the last file of a name is used, whole. Beside profiles/ in the\n"
        "latter two stands config.toml, whose tables [gpu.gaming_profiles.NAME] are profiles, too.",
    .opts = opt_none,
    .run = group_run,
    .subcommands = subcommands,
};
