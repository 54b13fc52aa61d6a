/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "group.h"

#include <stdlib.h>
#include <string.h>

const struct cmd *group_find(const struct cmd *group, const char *word)
{
    for (const struct cmd *const *c = group->subcommands; *c; c++) {
        if (strcmp(cmd_get_word(*c), word) == 0)
            return *c;
    }
    return NULL;
}

static void list_words(const struct cmd *group, struct nvb_strv *out)
{
    for (const struct cmd *const *c = group->subcommands; *c; c++)
        nvb_strv_add(out, cmd_get_word(*c));
}

/* The only one of that very name among the commands of the group's groups, or NULL. */
static const struct cmd *find_below(const struct cmd *group, const char *word)
{
    const struct cmd *found = NULL;

    for (const struct cmd *const *c = group->subcommands; *c; c++) {
        const struct cmd *cmd = (*c)->subcommands ? group_find(*c, word) : NULL;

        if (cmd && found)
            return NULL;
        found = cmd ? cmd : found;
    }
    return found;
}

static const struct cmd *find_meant(const struct cmd *group, const char *word)
{
    nvb_auto_strv words = { 0 };
    const char *near = NULL;

    list_words(group, &words);
    near = nvb_nearest(word, (const char *const *)words.items);
    return near ? group_find(group, near) : find_below(group, word);
}

int group_complain_unknown(const struct cmd *group, const char *word, bool as_json)
{
    const struct cmd *meant = find_meant(group, word);
    nvb_auto_err err = { 0 };

    nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "unknown command '%s'", word);
    if (meant) {
        nvb_hint(&err, "did you mean '%s'?", meant->name);
    } else {
        nvb_hint(&err, "%s --help lists the commands", group->name);
    }
    return cmd_complain_usage(group, &err, as_json);
}

/* Of any command of the group: which one it will be is not known yet. */
static bool is_said_below(const struct cmd *cmd,
                          bool (*says)(const struct opt *opts, const char *word),
                          const char *word)
{
    bool is_said = says(cmd->opts, word);

    for (const struct cmd *const *c = cmd->subcommands; c && *c && !is_said; c++)
        is_said = is_said_below(*c, says, word);
    return is_said;
}

/* The options before the subcommand's name, with their values. */
static int count_options(const struct cmd *group, int argc, char **argv)
{
    int i = 1;

    while (i < argc && opt_is_option(argv[i]) && strcmp(argv[i], "--") != 0)
        i += is_said_below(group, opt_takes_next, argv[i]) ? 2 : 1;
    return (i < argc ? i : argc) - 1;
}

static int complain_missing(const struct cmd *group, int argc, char **argv)
{
    nvb_auto_strv words = { 0 };
    nvb_autofree char *list = NULL;
    nvb_auto_err err = { 0 };

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0 && err.n_lines == 0; i++) {
        if (opt_is_option(argv[i]) && !is_said_below(group, opt_knows, argv[i]))
            opt_fail_unknown(group->opts, argv[i], &err);
    }
    if (err.n_lines == 0) {
        list_words(group, &words);
        list = nvb_strv_join(&words, ", ");
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "a command is missing");
        nvb_hint(&err, "use one of: %s", list);
    }
    return cmd_complain_usage(group, &err, cmd_asks_for_json(group, argc, argv));
}

int group_run(const struct cmd *group, int argc, char **argv)
{
    int n_options = count_options(group, argc, argv);
    int at = 1 + n_options;
    const struct cmd *cmd = NULL;
    char *word = NULL;

    if (at < argc && strcmp(argv[at], "--") == 0)
        at++;
    if (at == argc && cmd_asks_for_help(group, argc, argv)) {
        cmd_print_help(group, stdout);
        return EXIT_SUCCESS;
    }
    if (at == argc)
        return complain_missing(group, argc, argv);
    word = argv[at];
    cmd = group_find(group, word);
    if (!cmd)
        return group_complain_unknown(group, word, cmd_asks_for_json(group, argc, argv));
    /* The options before it are its own. */
    memmove((void *)&argv[at - n_options + 1], (void *)&argv[1], (size_t)n_options * sizeof(*argv));
    at -= n_options;
    argv[at] = word;
    return cmd->run(cmd, argc - at, argv + at);
}
