/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "completions.h"

#include <string.h>

static char *dup_commands(void)
{
    nvb_auto_strv names = { 0 };

    for (const struct cmd *const *c = cmds; *c; c++)
        nvb_strv_add(&names, (*c)->name);
    return nvb_strv_join(&names, " ");
}

char *completions_dup_arguments(const struct cmd *cmd)
{
    if (strcmp(cmd->name, "help") == 0)
        return dup_commands();
    if (strcmp(cmd->name, "completions") == 0)
        return nvb_xstrdup("bash zsh fish");
    if (strcmp(cmd->name, "run") == 0)
        return nvb_xstrdup("host"); /* the image that is always there */
    if (!strpbrk(cmd->synopsis, " ") || nvb_has_suffix(cmd->synopsis, "]"))
        return nvb_xstrdup(""); /* options only */
    return NULL;
}

char *completions_dup_words(const struct opt *opt)
{
    nvb_auto_strv words = { 0 };

    if (!opt->words)
        return NULL;
    for (const char *const *w = opt->words; *w; w++)
        nvb_strv_add(&words, *w);
    return nvb_strv_join(&words, " ");
}

bool completions_wants_dir(const struct opt *opt)
{
    return opt->value && strcmp(opt->value, "DIR") == 0;
}

bool completions_wants_file(const struct opt *opt)
{
    return opt->value && strcmp(opt->value, "FILE") == 0;
}

void completions_print_quoted(const char *text, const char *also, FILE *out)
{
    for (; *text; text++) {
        if (*text == '\'') {
            (void)fputs("'\\''", out);
        } else {
            if (strchr(also, *text))
                (void)fputc('\\', out);
            (void)fputc(*text, out);
        }
    }
}
