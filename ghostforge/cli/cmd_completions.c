/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "completions.h"

const struct cmd cmd_completions = {
    .name = "ghostforge completions",
    .operands = COMPLETIONS_SHELLS,
    .summary = "print the completion script of a shell",
    .details =
        "bash: ghostforge completions bash > ~/.local/share/bash-completion/completions/ghostforge\n"
        "zsh:  ghostforge completions zsh > a directory of $fpath, as _ghostforge\n"
        "fish: ghostforge completions fish > ~/.config/fish/completions/ghostforge.fish",
    .opts = opt_none,
    .run = completions_run,
};
