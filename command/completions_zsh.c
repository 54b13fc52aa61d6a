/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

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

static void print_options(const struct cmd *cmd, FILE *out)
{
    (void)fputs("        _arguments -s \\\n", out);
    for (const struct opt *o = cmd->opts; o->type != OPT_END; o++)
        print_option(o, out);
    (void)fputs("            '(- *)'{-h,--help}'[print the help and stop]'", out);
}

static void print_commands(const struct cmd *group, FILE *out)
{
    (void)fputs("        commands=(\n", out);
    for (const struct cmd *const *c = group->subcommands; *c; c++) {
        (void)fprintf(out, "            '%s:", cmd_get_word(*c));
        completions_print_quoted((*c)->summary, "\\:", out);
        (void)fputs("'\n", out);
    }
    (void)fputs("        )\n"
                "        ((CURRENT == 2)) && _describe -t commands command commands\n",
                out);
}

static void print_group(const struct cmd *group, FILE *out)
{
    nvb_autofree char *help = completions_dup_help_name(group);

    (void)fprintf(out, "    '%s')\n", help);
    print_commands(group, out);
    (void)fprintf(out, "        ;;\n    '%s')\n", group->name);
    print_commands(group, out);
    print_options(group, out);
    (void)fputs(" ;;\n", out);
}

/* Operands of which the program knows the names, each at its place. */
static bool print_listed(const char *operands, FILE *out)
{
    bool has_any = false;
    unsigned place = 1;

    operands += strspn(operands, "[");
    for (size_t len = 0; *operands; place++) {
        const char *lister = NULL;

        len = strcspn(operands, " []");
        lister = completions_lister(operands, len);
        if (lister)
            (void)fprintf(out, " \\\n            '%u:argument:($(%s 2>/dev/null))'", place, lister);
        has_any = has_any || lister;
        operands += len;
        operands += strspn(operands, " []");
    }
    return has_any;
}

static void print_command(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *words = completions_dup_arguments(cmd);

    if (completions_is_help(cmd))
        return;
    if (cmd->subcommands) {
        print_group(cmd, out);
        return;
    }
    (void)fprintf(out, "    '%s')\n", cmd->name);
    print_options(cmd, out);
    if (cmd->operands && print_listed(cmd->operands, out)) {
        (void)fputs(" ;;\n", out);
        return;
    }
    if (words && *words) {
        (void)fprintf(out, " \\\n            '1:argument:(%s)'", words);
    } else if (!words) {
        (void)fputs(" \\\n            '*:file:_files'", out);
    }
    (void)fputs(" ;;\n", out);
}

static const char head[] = "#compdef %1$s\n"
                           "# zsh completion for %1$s, made by: %1$s completions zsh\n"
                           "_%1$s()\n"
                           "{\n"
                           "    local -a commands\n"
                           "    local at=%1$s\n"
                           "    integer i=2\n"
                           "    while ((i < CURRENT)); do\n"
                           "        case \"$at $words[i]\" in\n"
                           "        (%2$s)\n";

static const char tail[] = "    esac\n"
                           "}\n"
                           "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
                           "    _%1$s \"$@\"\n"
                           "else\n"
                           "    compdef _%1$s %1$s\n"
                           "fi\n";

void completions_print_zsh(FILE *out)
{
    nvb_autofree char *names = completions_dup_names("|");

    (void)fprintf(out, head, cmd_top.name, names);
    (void)fputs("            at+=\" $words[i]\"\n"
                "            words[i]=()\n"
                "            ((CURRENT--)) ;;\n"
                "        (*) ((i++)) ;;\n"
                "        esac\n"
                "    done\n"
                "    case $at in\n",
                out);
    completions_each(&cmd_top, print_command, out);
    (void)fprintf(out, tail, cmd_top.name);
}
