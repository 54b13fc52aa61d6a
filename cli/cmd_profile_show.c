/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "profile_report.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    const char *game;
    struct nvb_strv settings;
    bool has_why;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG,                                                       'w', "why", NULL, "tell what each setting does, who reads it, what is left out",
     offsetof(struct options, has_why), NULL },
    { OPT_STRING,                                                         'g', "game", "GAME", "with what is known of a game: name, Steam app id or file",
     offsetof(struct options, game), NULL },
    { OPT_LIST, 0, "set", "KEY=VALUE", "as if the command line said so",
     offsetof(struct options, settings), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END                                                     },
};

static int show(const char *name, const struct options *o)
{
    const struct nvb_profile_ask ask = { .name = name,
                                         .game = o->game,
                                         .settings = (const char *const *)o->settings.items };
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_profile_resolve(&ask, &profile, &err)) {
        nvb_while(&err, "cannot show the profile");
        return cmd_complain(&err, o->as_json);
    }
    if (!o->as_json) {
        profile_report_print(profile, o->has_why);
        return EXIT_SUCCESS;
    }
    json = profile_report_to_json(profile, o->has_why);
    nvb_json_print(json, stdout);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, &words, &status))
        status = show(words[0], &o);
    nvb_strv_clear(&o.settings);
    return status;
}

const struct cmd cmd_profile_show = {
    .name = "nvbind profile show",
    .operands = "[PROFILE]",
    .summary = "show the settings of a profile, and what they do",
    .details =
        "Before each value stands who said it: default, implied by another setting, profile, game,\n"
        "or command (--set). Without PROFILE it is the game's own, else what config.toml calls\n"
        "default_profile, else gaming.",
    .opts = opts,
    .run = run,
};
