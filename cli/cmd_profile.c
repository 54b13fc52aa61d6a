/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "profile/setting.h"
#include "profile/variable.h"

enum {
    N_WORDS_MAX = 2, /* the action and its operand */
};

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool has_why;
    bool has_json;
};

static const struct opt opts[] = {
    {OPT_FLAG,                       'w', "why", NULL, "tell what each setting does",
     offsetof(struct options, has_why) },
    { OPT_FLAG,                         'j', "json", NULL, "answer in JSON", offsetof(struct options, has_json) },
    { .type = OPT_END},
};

/* A file's faults are failures; only what was typed wrong is a usage error. */
static int complain(const struct nvb_err *err, const struct options *o)
{
    int status = cmd_complain(err, o->has_json);

    return err->domain == NVB_D_REQUEST ? status : EXIT_FAILURE;
}

/* What becomes of a variable: "emitted", "refused", or "unknown" to the registry. */
static const char *fate_of(const struct nvb_profile_env *e,
                           const struct nvb_variable **out_variable)
{
    *out_variable = nvb_variable_find(e->name);
    if (!*out_variable)
        return "unknown";
    return nvb_variable_refuses(*out_variable, e->value) ? "refused" : "emitted";
}

static void print_variable_why(const struct nvb_profile_env *e)
{
    const struct nvb_variable *v = NULL;
    const char *fate = fate_of(e, &v);

    if (!v) {
        printf("    no known reader; passed on as it is\n");
    } else if (strcmp(fate, "refused") == 0) {
        printf("    not emitted: %s\n", v->effect);
    } else {
        printf("    %s\n    read by: %s\n", v->effect, v->reader);
    }
}

static void print_profile(const struct nvb_profile *p, const struct options *o)
{
    printf("profile '%s' from %s\n\n", p->name, p->source);
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);
        nvb_autofree char *value = nvb_setting_dup_value(s, p);

        printf("%-18s %s\n", name, value);
        if (o->has_why)
            printf("    %s\n", nvb_setting_effect(s, p));
    }
    for (size_t i = 0; i < p->n_env; i++) {
        printf("env.%s = %s\n", p->env[i].name, p->env[i].value);
        if (o->has_why)
            print_variable_why(&p->env[i]);
    }
}

static struct nvb_json *setting_to_json(const struct nvb_setting *s, const struct nvb_profile *p)
{
    nvb_autofree char *value = nvb_setting_dup_value(s, p);
    uint64_t count = 0;

    if (s->type == NVB_SETTING_BOOL)
        return nvb_json_new_bool(strcmp(value, "true") == 0);
    if (s->type == NVB_SETTING_COUNT && nvb_parse_u64(value, UINT64_MAX, &count))
        return nvb_json_new_u64(count);
    return nvb_json_new_str(value);
}

static struct nvb_json *variable_to_json(const struct nvb_profile_env *e)
{
    struct nvb_json *json = nvb_json_new_object();
    const struct nvb_variable *v = NULL;

    nvb_json_set_str(json, "fate", fate_of(e, &v));
    if (v) {
        nvb_json_set_str(json, "effect", v->effect);
        nvb_json_set_str(json, "reader", v->reader);
    }
    return json;
}

static struct nvb_json *profile_to_json(const struct nvb_profile *p, const struct options *o)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *env = nvb_json_new_object();
    struct nvb_json *why = nvb_json_new_object();

    nvb_json_set_str(json, "name", p->name);
    nvb_json_set_str(json, "source", p->source);
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);

        nvb_json_set(json, name, setting_to_json(s, p));
        nvb_json_set_str(why, name, nvb_setting_effect(s, p));
    }
    for (size_t i = 0; i < p->n_env; i++) {
        nvb_autofree char *name = nvb_xasprintf("env.%s", p->env[i].name);

        nvb_json_set_str(env, p->env[i].name, p->env[i].value);
        nvb_json_set(why, name, variable_to_json(&p->env[i]));
    }
    nvb_json_set(json, "env", env);
    if (o->has_why) {
        nvb_json_set(json, "why", why);
    } else {
        nvb_json_free(why);
    }
    return json;
}

static int show(const char *name, const struct options *o)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_profile_load(name, &profile, &err)) {
        nvb_while(&err, "cannot show the profile");
        return complain(&err, o);
    }
    if (!o->has_json) {
        print_profile(profile, o);
        return EXIT_SUCCESS;
    }
    json = profile_to_json(profile, o);
    nvb_json_print(json, stdout);
    return EXIT_SUCCESS;
}

/* A broken profile is told and does not hide the others. */
static int list_one(const char *name, struct nvb_json *rows, const struct options *o)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    struct nvb_json *row = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_profile_load(name, &profile, &err)) {
        (void)fflush(stdout);
        return complain(&err, o);
    }
    if (!o->has_json) {
        printf("%-12s %s\n", name, profile->description);
        return EXIT_SUCCESS;
    }
    row = nvb_json_new_object();
    nvb_json_set_str(row, "name", name);
    nvb_json_set_str(row, "description", profile->description);
    nvb_json_set_str(row, "source", profile->source);
    nvb_json_append(rows, row);
    return EXIT_SUCCESS;
}

static int list(const char *operand, const struct options *o)
{
    nvb_autoptr(nvb_json) rows = nvb_json_new_array();
    char **names = nvb_profile_list();
    int status = EXIT_SUCCESS;

    (void)operand;
    for (size_t i = 0; names[i]; i++) {
        if (list_one(names[i], rows, o) != EXIT_SUCCESS)
            status = EXIT_FAILURE;
        free(names[i]);
    }
    free((void *)names);
    if (o->has_json)
        nvb_json_print(rows, stdout);
    return status;
}

/* Variables that a good file may name all the same. */
static struct nvb_strv collect_warnings(const struct nvb_profile *p)
{
    struct nvb_strv warnings = { 0 };

    for (size_t i = 0; i < p->n_env; i++) {
        const struct nvb_variable *v = NULL;
        const char *fate = fate_of(&p->env[i], &v);

        if (!v) {
            nvb_strv_addf(&warnings, "'%s' has no known reader", p->env[i].name);
        } else if (strcmp(fate, "refused") == 0) {
            nvb_strv_addf(&warnings, "'%s=%s' will not be emitted: %s", p->env[i].name,
                          p->env[i].value, v->effect);
        }
    }
    return warnings;
}

static int validate(const char *path, const struct options *o)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_auto_strv warnings = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_profile_read_file(path, &profile, &err)) {
        nvb_while(&err, "cannot accept '%s' as a profile", path);
        return complain(&err, o);
    }
    warnings = collect_warnings(profile);
    if (o->has_json) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();

        nvb_json_set_str(json, "name", profile->name);
        nvb_json_set_bool(json, "valid", true);
        nvb_json_set(json, "warnings", nvb_json_new_strv(&warnings));
        nvb_json_print(json, stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < warnings.n; i++)
        (void)fprintf(stderr, "warning: %s\n", warnings.items[i]);
    printf("'%s' is a good profile\n", profile->name);
    return EXIT_SUCCESS;
}

static const struct action {
    const char *name;
    const char *operand; /* NULL: takes none */
    int (*run)(const char *operand, const struct options *o);
} actions[] = {
    {"list",      NULL,   list    },
    { "show",     "NAME", show    },
    { "validate", "FILE", validate},
};

static int complain_usage(const struct cmd *cmd, const char *word, const struct options *o)
{
    const char *names[] = { "list", "show", "validate", NULL };
    const char *near = word ? nvb_nearest(word, names) : NULL;
    nvb_auto_err err = { 0 };

    if (word) {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "unknown action '%s'", word);
    } else {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "'profile' needs an action");
    }
    if (near) {
        nvb_hint(&err, "did you mean 'nvbind profile %s'?", near);
    } else {
        nvb_hint(&err, "write nvbind %s", cmd->synopsis);
    }
    return cmd_complain(&err, o->has_json);
}

static int run_action(const struct action *a, char **words, size_t n, const struct options *o)
{
    size_t n_wanted = a->operand ? 2 : 1;
    nvb_auto_err err = { 0 };

    if (n == n_wanted)
        return a->run(words[1], o);
    nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID,
             n < n_wanted ? "'profile %s' needs a %s" : "too many words behind 'profile %s'",
             a->name, a->operand);
    nvb_hint(&err, "write nvbind profile %s%s%s", a->name, a->operand ? " " : "",
             a->operand ? a->operand : "");
    return cmd_complain(&err, o->has_json);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char *words[N_WORDS_MAX + 1] = { NULL };
    size_t n = 0;
    int status = 0;

    /* Options may stand before, between and behind the words. */
    while (argc > 0) {
        int rest = 0;

        if (!cmd_parse(cmd, argc, argv, &o, &rest, &status))
            return status;
        argv += rest;
        argc -= rest;
        if (argc > 0 && n < N_WORDS_MAX + 1)
            words[n++] = argv[0];
    }
    for (size_t i = 0; n > 0 && i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, words[0]) == 0)
            return run_action(&actions[i], words, n, &o);
    }
    return complain_usage(cmd, words[0], &o);
}

const struct cmd cmd_profile = {
    .name = "profile",
    .synopsis = "profile list | show NAME [--why] | validate FILE",
    .summary = "list, explain and check profiles",
    .details =
        "Profiles are TOML files: those that were installed, then /etc/nvbind/profiles, then\n"
        "~/.config/nvbind/profiles; the last file of a name is used, whole.",
    .opts = opts,
    .run = run,
};
