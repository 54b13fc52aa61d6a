/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"
#include "completions.h"

const struct cmd cmd_completions = {
    .name = "nvbind completions",
    .operands = COMPLETIONS_SHELLS,
    .summary = "print the completion script of a shell",
    .details = "bash: nvbind completions bash > ~/.local/share/bash-completion/completions/nvbind\n"
               "zsh:  nvbind completions zsh > a directory of $fpath, as _nvbind\n"
               "fish: nvbind completions fish > ~/.config/fish/completions/nvbind.fish",
    .opts = opt_none,
    .run = completions_run,
};
