/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "nvbind/profile.h"
#include "profile/catalog.h"
#include "profile/effect.h"
#include "profile/game.h"
#include "profile/setting.h"
#include "say.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

/* What a file is by what stands in it, and what of it is no use. */
struct finding {
    const char *kind; /* "profile", "configuration", "table of games" */
    char *name;       /* owned */
    struct nvb_strv warnings;
};

/* What a good profile may ask for in vain. */
static void add_warnings(struct finding *f, const char *prefix, const struct nvb_profile *p)
{
    nvb_auto_effects effects = { 0 };

    nvb_effects_make(p, p->has_frame_times, &effects);
    for (size_t i = 0; i < effects.n; i++) {
        const struct nvb_effect *e = &effects.items[i];

        if (e->kind == NVB_EFFECT_VARIABLE && !e->variable) {
            nvb_strv_addf(&f->warnings, "%s'%s' has no known reader", prefix, e->name);
        } else if (e->kind == NVB_EFFECT_REFUSED && e->name) {
            nvb_strv_addf(&f->warnings, "%s'%s=%s' will not be emitted: %s", prefix, e->name,
                          e->value, e->reason);
        } else if (e->kind == NVB_EFFECT_REFUSED) {
            nvb_strv_addf(&f->warnings, "%s'%s' will be left out: %s", prefix, e->settings,
                          e->reason);
        }
    }
}

/* A profile that is part of a file. */
static bool check_table(struct finding *f,
                        const struct nvb_toml *doc,
                        const struct nvb_toml_value *table,
                        const char *name,
                        struct nvb_err *err)
{
    const struct nvb_setting_place place = { .layer = NVB_LAYER_PROFILE };
    nvb_autoptr(nvb_profile) profile = nvb_profile_new(name, "");
    nvb_autofree char *prefix = nvb_xasprintf("'%s': ", name);

    if (!nvb_settings_read(doc, table, &place, profile, err))
        return false;
    add_warnings(f, prefix, profile);
    return true;
}

static bool check_config(struct finding *f, const struct nvb_toml *doc, struct nvb_err *err)
{
    nvb_auto_config config = { 0 };

    f->kind = "configuration";
    if (!nvb_config_read(doc, &config, err))
        return false;
    for (const struct nvb_config_shelf *s = nvb_config_shelves; s->profiles; s++) {
        const struct nvb_toml_value *tables = nvb_config_get_profiles(doc, s);

        for (size_t i = 0; tables && i < tables->table.n; i++) {
            if (!check_table(f, doc, tables->table.values[i], tables->table.keys[i], err))
                return false;
            if (!nvb_catalog_is_name(tables->table.keys[i])) {
                return nvb_toml_fail_at_key(doc, tables->table.values[i], NVB_D_PROFILE, err,
                                            "this is not a profile's name");
            }
        }
    }
    return true;
}

/* An entry that says where it was learned can be checked again. */
static bool
check_games(struct finding *f, struct nvb_toml *take_doc, const char *path, struct nvb_err *err)
{
    nvb_autoptr(nvb_games) games = nvb_xcalloc(1, sizeof(*games));

    f->kind = "table of games";
    if (!nvb_games_add(games, path, take_doc, err))
        return false;
    for (size_t i = 0; i < games->n; i++) {
        const struct nvb_game *game = &games->items[i];

        if (!game->source)
            nvb_strv_addf(&f->warnings, "'%s' names no source", game->id);
        if (game->settings && !check_table(f, game->doc, game->settings, game->id, err))
            return false;
    }
    return true;
}

static bool check_profile(struct finding *f, const char *path, struct nvb_err *err)
{
    nvb_autoptr(nvb_profile) profile = NULL;

    f->kind = "profile";
    if (!nvb_profile_read_file(path, &profile, err))
        return false;
    free(f->name);
    f->name = nvb_xstrdup(profile->name);
    add_warnings(f, "", profile);
    return true;
}

static bool check(struct finding *f, const char *path, struct nvb_err *err)
{
    nvb_autoptr(nvb_toml) doc = NULL;
    const struct nvb_toml_value *top = NULL;

    f->kind = "profile";
    f->name = nvb_xstrdup(path);
    if (!nvb_toml_read_file(path, &doc, err))
        return false;
    top = nvb_toml_root(doc);
    if (nvb_toml_get(top, "gpu") || nvb_toml_get(top, "ai_ml") || nvb_toml_get(top, "profiles"))
        return check_config(f, doc, err);
    if (nvb_toml_get(top, "game") || nvb_toml_get(top, "format"))
        return check_games(f, nvb_steal(&doc), path, err);
    return check_profile(f, path, err);
}

static void report(const struct finding *f, bool as_json)
{
    nvb_autoptr(nvb_json) json = NULL;

    if (as_json) {
        json = nvb_json_new_object();
        nvb_json_set_str(json, "name", f->name);
        nvb_json_set_str(json, "kind", f->kind);
        nvb_json_set_bool(json, "valid", true);
        nvb_json_set(json, "warnings", nvb_json_new_strv(&f->warnings));
        nvb_json_print(json, stdout);
        return;
    }
    for (size_t i = 0; i < f->warnings.n; i++)
        say(stderr, "warning: %s", f->warnings.items[i]);
    say(stdout, "'%s' is a good %s", f->name, f->kind);
}

static int validate(const char *path, bool as_json)
{
    struct finding f = { 0 };
    nvb_auto_err err = { 0 };
    int status = EXIT_SUCCESS;

    if (check(&f, path, &err)) {
        report(&f, as_json);
    } else {
        nvb_while(&err, "cannot accept '%s' as a %s", path, f.kind);
        status = cmd_complain(&err, as_json);
    }
    free(f.name);
    nvb_strv_clear(&f.warnings);
    return status;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return validate(words[0], o.as_json);
}

const struct cmd cmd_profile_validate = {
    .name = "nvbind profile validate",
    .operands = "FILE",
    .summary = "tell the first fault of a profile, with its place, and what is of no use",
    .details = "FILE may also be a config.toml with tables of profiles, or a table of games.",
    .opts = opts,
    .run = run,
};
