/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "completions.h"

static const struct opt opts[] = { { .type = OPT_END } };

static const struct {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {
    {"bash",  completions_print_bash},
    { "zsh",  completions_print_zsh },
    { "fish", completions_print_fish},
};

static int complain(const char *word)
{
    static const char *const names[] = { "bash", "zsh", "fish", NULL };
    const char *near = word ? nvb_nearest(word, names) : NULL;
    nvb_auto_err err = { 0 };

    if (word) {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "no completions for the shell '%s'", word);
    } else {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID,
                 "which shell the completions are for is "
                 "missing");
    }
    if (near) {
        nvb_hint(&err, "did you mean 'nvbind completions %s'?", near);
    } else {
        nvb_hint(&err, "use one of: bash, zsh, fish");
    }
    return cmd_complain(&err, false);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    nvb_auto_err err = { 0 };
    int rest = 0;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &rest, &status))
        return status;
    if (rest == argc)
        return complain(NULL);
    if (rest + 1 < argc) {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "completions takes one shell, not '%s' too",
                 argv[rest + 1]);
        return cmd_complain(&err, false);
    }
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].name, argv[rest]) == 0) {
            shells[i].print(stdout);
            return EXIT_SUCCESS;
        }
    }
    return complain(argv[rest]);
}

const struct cmd cmd_completions = {
    .name = "completions",
    .synopsis = "completions bash|zsh|fish",
    .summary = "print the completion script of a shell",
    .details = "bash: nvbind completions bash > ~/.local/share/bash-completion/completions/nvbind\n"
               "zsh:  nvbind completions zsh > a directory of $fpath, as _nvbind\n"
               "fish: nvbind completions fish > ~/.config/fish/completions/nvbind.fish",
    .opts = opts,
    .run = run,
};
