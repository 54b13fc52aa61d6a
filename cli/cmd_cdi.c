/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "group.h"

static const struct cmd *const subcommands[] = {
    &cmd_cdi_generate, &cmd_cdi_check, &cmd_cdi_refresh, &cmd_cdi_list, &cmd_cdi_validate, NULL,
};

const struct cmd cmd_cdi = {
    .name = "nvbind cdi",
    .summary = "write, list and check the specifications of devices for containers",
    .details =
        "Specifications of the Container Device Interface (CDI) tell container engines what a\n"
        "device needs. They are JSON or YAML files in /etc/cdi and /run/cdi.",
    .opts = opt_none,
    .run = group_run,
    .subcommands = subcommands,
};
