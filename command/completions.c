/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "completions.h"

#include <stdlib.h>
#include <string.h>

#include "operand.h"

void completions_each(const struct cmd *top,
                      void (*print)(const struct cmd *cmd, FILE *out),
                      FILE *out)
{
    print(top, out);
    for (const struct cmd *const *c = top->subcommands; c && *c; c++)
        completions_each(*c, print, out);
}

char *completions_dup_help_name(const struct cmd *group)
{
    return nvb_xasprintf("%s help%s", cmd_top.name, group->name + strlen(cmd_top.name));
}

bool completions_is_help(const struct cmd *cmd)
{
    nvb_autofree char *name = completions_dup_help_name(&cmd_top);

    return strcmp(cmd->name, name) == 0;
}

static void add_names(const struct cmd *group, struct nvb_strv *names)
{
    for (const struct cmd *const *c = group->subcommands; *c; c++) {
        nvb_strv_addf(names, "'%s'", (*c)->name);
        if ((*c)->subcommands) {
            nvb_autofree char *help = completions_dup_help_name(*c);

            nvb_strv_addf(names, "'%s'", help);
            add_names(*c, names);
        }
    }
}

char *completions_dup_names(const char *separator)
{
    nvb_auto_strv names = { 0 };

    add_names(&cmd_top, &names);
    return nvb_strv_join(&names, separator);
}

/* Placeholders of which only the program knows what they may stand for, when the shell asks. */
static const struct {
    const char *placeholder;
    const char *lister;
} listers[] = {
    {"PROFILE", "nvbind profile list --names"},
    { "GAME",   "nvbind game list --names"   },
    { "KEY",    "nvbind profile keys --names"},
};

const char *completions_lister(const char *placeholder, size_t len)
{
    for (size_t i = 0; i < sizeof(listers) / sizeof(listers[0]); i++) {
        if (strlen(listers[i].placeholder) == len &&
            strncmp(listers[i].placeholder, placeholder, len) == 0)
            return listers[i].lister;
    }
    return NULL;
}

/* "$(nvbind profile list --names 2>/dev/null)" for each operand that has a lister. */
static void add_listers(const char *operands, struct nvb_strv *words)
{
    for (const char *o = operands; *o; o += strspn(o, " []")) {
        size_t len = strcspn(o, " []");
        const char *lister = completions_lister(o, len);

        if (lister)
            nvb_strv_addf(words, "$(%s 2>/dev/null)", lister);
        o += len;
    }
}

char *completions_dup_arguments(const struct cmd *cmd)
{
    nvb_auto_strv words = { 0 };

    for (const struct cmd *const *c = cmd->subcommands; c && *c; c++)
        nvb_strv_add(&words, cmd_get_word(*c));
    operand_list_words(cmd->operands, &words);
    if (cmd->operands)
        add_listers(cmd->operands, &words);
    if (words.n == 0 && cmd->operands && strstr(cmd->operands, "FILE"))
        return NULL;
    if (words.n == 0 && cmd->has_foreign_words)
        nvb_strv_add(&words, "host"); /* the image that is always there */
    return nvb_strv_join(&words, " ");
}

char *completions_dup_words(const struct opt *opt)
{
    nvb_auto_strv words = { 0 };

    if (!opt->words && opt->value) {
        const char *lister = completions_lister(opt->value, strlen(opt->value));

        return lister ? nvb_xasprintf("$(%s 2>/dev/null)", lister) : NULL;
    }
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

static const struct {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {
    {"bash",  completions_print_bash},
    { "zsh",  completions_print_zsh },
    { "fish", completions_print_fish},
};

int completions_run(const struct cmd *cmd, int argc, char **argv)
{
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &words, &status))
        return status;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].name, *words) == 0)
            shells[i].print(stdout);
    }
    return EXIT_SUCCESS;
}
