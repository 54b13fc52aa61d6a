/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/profile.h"

#include <stdlib.h>
#include <string.h>

#include "profile/catalog.h"
#include "profile/game.h"
#include "profile/implied.h"
#include "profile/setting.h"

static const char suffix[] = ".toml";

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

bool nvb_profile_load(const char *name, struct nvb_profile **out_profile, struct nvb_err *err)
{
    const struct nvb_profile_ask ask = { .name = name };

    return nvb_profile_resolve(&ask, out_profile, err);
}

bool nvb_profile_read_file(const char *path, struct nvb_profile **out_profile, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    const struct nvb_setting_place place = { NVB_LAYER_PROFILE, path };
    nvb_autofree char *name = nvb_xstrdup(slash ? slash + 1 : path);
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_toml) doc = NULL;

    if (nvb_has_suffix(name, suffix))
        name[strlen(name) - strlen(suffix)] = '\0';
    if (!nvb_catalog_is_name(name)) {
        nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "'%s' is not a profile's name", name);
        return nvb_hint(err, "call the file NAME.toml, of letters, digits, '.', '_' and '-'");
    }
    if (!nvb_toml_read_file(path, &doc, err))
        return false;
    profile = nvb_profile_new(name, path);
    if (!nvb_settings_read(doc, nvb_toml_root(doc), &place, profile, err))
        return false;
    nvb_implied_add(profile);
    *out_profile = nvb_steal(&profile);
    return true;
}

/* The game's own, the configuration's, or that for any game. */
static bool choose_name(const struct nvb_profile_ask *ask,
                        const struct nvb_games *games,
                        char **out_name,
                        struct nvb_err *err)
{
    const char *of_game = games ? nvb_games_get_profile(games, ask->game) : NULL;
    nvb_auto_config config = { 0 };

    if (!ask->name && !of_game && !nvb_config_load(&config, err))
        return false;
    *out_name = nvb_xstrdup(ask->name                ? ask->name
                            : of_game                ? of_game
                            : config.default_profile ? config.default_profile
                                                     : "gaming");
    return true;
}

/* "frames.cap=60" */
static bool add_command(const char *text, struct nvb_profile *profile, struct nvb_err *err)
{
    const struct nvb_setting_place place = { .layer = NVB_LAYER_COMMAND };
    const char *equals = strchr(text, '=');
    nvb_autofree char *name = nvb_xstrndup(text, equals ? (size_t)(equals - text) : 0);

    if (!equals || equals == text) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a setting with its value", text);
        return nvb_hint(err, "write it as KEY=VALUE, for example frames.cap=60");
    }
    return nvb_setting_assign_text(name, equals + 1, &place, profile, err);
}

bool nvb_profile_resolve(const struct nvb_profile_ask *ask,
                         struct nvb_profile **out_profile,
                         struct nvb_err *err)
{
    nvb_autoptr(nvb_games) games = NULL;
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autofree char *name = NULL;

    if (ask->game && !nvb_games_load(&games, err))
        return false;
    if (!choose_name(ask, games, &name, err) || !nvb_catalog_read(name, &profile, err))
        return false;
    if (games && !nvb_games_apply(games, ask->game, profile, err))
        return false;
    for (const char *const *s = ask->settings; s && *s; s++) {
        if (!add_command(*s, profile, err))
            return false;
    }
    nvb_implied_add(profile);
    *out_profile = nvb_steal(&profile);
    return true;
}

void nvb_profile_free(struct nvb_profile *profile)
{
    if (!profile)
        return;
    for (const struct nvb_setting *t = nvb_settings; t->key; t++) {
        if (t->type == NVB_SETTING_TEXT)
            free(*(char **)(void *)((char *)profile + t->offset));
        if (profile->origins)
            free(nvb_setting_origin(t, profile)->source);
    }
    for (size_t i = 0; i < profile->n_env; i++) {
        free(profile->env[i].name);
        free(profile->env[i].value);
        free(profile->env[i].origin.source);
    }
    free(profile->env);
    free(profile->origins);
    free(profile->game);
    free(profile->source);
    free(profile->name);
    free(profile);
}
