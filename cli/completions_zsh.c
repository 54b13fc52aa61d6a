/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "completions.h"

static void print_action(const struct opt *o, FILE *out)
{
    nvb_autofree char *words = completions_dup_words(o);

    if (words) {
        (void)fprintf(out, "(%s)", words);
    } else if (completions_wants_dir(o)) {
        (void)fputs("_files -/", out);
    } else if (completions_wants_file(o)) {
        (void)fputs("_files", out);
    }
}

/* "[help]" and, with a value, ":PLACEHOLDER:action"; both between single quotes. */
static void print_rest(const struct opt *o, FILE *out)
{
    (void)fputc('[', out);
    completions_print_quoted(o->help, "[]\\:", out);
    (void)fputc(']', out);
    if (!o->value)
        return;
    (void)fputs(o->type == OPT_OPTIONAL ? "::" : ":", out);
    completions_print_quoted(o->value, "[]\\:", out);
    (void)fputc(':', out);
    print_action(o, out);
}

/* --name=[...] takes both "--name VALUE" and "--name=VALUE", --name=-[...] the latter only; -x+[...]
 * takes "-xVALUE" and "-x VALUE". */
static void print_option(const struct opt *o, FILE *out)
{
    const char *repeats = o->type == OPT_LIST ? "*" : "";
    const char *sign = "";

    if (o->type == OPT_OPTIONAL) {
        sign = "=-";
    } else if (o->type != OPT_FLAG) {
        sign = "=";
    }
    (void)fprintf(out, "            '%s--%s%s", repeats, o->name, sign);
    print_rest(o, out);
    (void)fputs("' \\\n", out);
    if (!o->letter)
        return;
    (void)fprintf(out, "            '%s-%c%s", repeats, o->letter, *sign ? "+" : "");
    print_rest(o, out);
    (void)fputs("' \\\n", out);
}

static void print_command(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *words = completions_dup_arguments(cmd);

    (void)fprintf(out, "    %s)\n        _arguments -s \\\n", cmd->name);
    for (const struct opt *o = cmd->opts; o->type != OPT_END; o++)
        print_option(o, out);
    (void)fputs("            '(- *)'{-h,--help}'[print the help and stop]'", out);
    if (words && *words) {
        (void)fprintf(out, " \\\n            '1:argument:(%s)'", words);
    } else if (!words) {
        (void)fputs(" \\\n            '*:file:_files'", out);
    }
    (void)fputs(" ;;\n", out);
}

void completions_print_zsh(FILE *out)
{
    (void)fputs("#compdef nvbind\n"
                "# zsh completion for nvbind, made by: nvbind completions zsh\n"
                "_nvbind()\n"
                "{\n"
                "    local -a commands\n"
                "    commands=(\n",
                out);
    for (const struct cmd *const *c = cmds; *c; c++) {
        (void)fprintf(out, "        '%s:", (*c)->name);
        completions_print_quoted((*c)->summary, "\\:", out);
        (void)fputs("'\n", out);
    }
    (void)fputs("    )\n"
                "    if ((CURRENT == 2)); then\n"
                "        _describe -t commands command commands\n"
                "        return\n"
                "    fi\n"
                "    shift words\n"
                "    ((CURRENT--))\n"
                "    case $words[1] in\n",
                out);
    for (const struct cmd *const *c = cmds; *c; c++)
        print_command(*c, out);
    (void)fputs("    esac\n"
                "}\n"
                "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
                "    _nvbind \"$@\"\n"
                "else\n"
                "    compdef _nvbind nvbind\n"
                "fi\n",
                out);
}
