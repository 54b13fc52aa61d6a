/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"

#define SYSTEM_DIR "/etc/nvbind"

const struct nvb_config_shelf nvb_config_shelves[] = {
    {"gpu",    "gaming_profiles", "gaming"},
    { "ai_ml", "ollama_profiles", "aiml"  },
    { NULL,    "profiles",        "aiml"  },
    { NULL,    NULL,              NULL    },
};

/* The keys of one table: its profiles, and texts. */
struct shape {
    const char *table;
    const char *keys[4]; /* ends with NULL */
};

static const struct shape shapes[] = {
    {"gpu",    { "runtime", "default_profile", "gaming_profiles", NULL }       },
    { "ai_ml", { "runtime", "default_ollama_profile", "ollama_profiles", NULL }},
};

const struct nvb_toml_value *nvb_config_get_profiles(const struct nvb_toml *doc,
                                                     const struct nvb_config_shelf *shelf)
{
    const struct nvb_toml_value *top = nvb_toml_root(doc);
    const struct nvb_toml_value *profiles =
        nvb_toml_get(shelf->table ? nvb_toml_get(top, shelf->table) : top, shelf->profiles);

    return profiles && profiles->type == NVB_TOML_TABLE ? profiles : NULL;
}

char *nvb_config_dup_path(const char *dir)
{
    return nvb_xasprintf("%s/config.toml", dir);
}

static bool fail_key(const struct nvb_toml *doc,
                     const struct shape *shape,
                     const char *key,
                     const struct nvb_toml_value *value,
                     struct nvb_err *err)
{
    const char *near = nvb_nearest(key, shape->keys);

    nvb_toml_fail_at_key(doc, value, NVB_D_PROFILE, err, "[%s] has no setting '%s'", shape->table,
                         key);
    if (near)
        return nvb_hint(err, "did you mean '%s'?", near);
    return nvb_hint(err, "use one of: %s, %s, %s", shape->keys[0], shape->keys[1], shape->keys[2]);
}

static bool fail_type(const struct nvb_toml *doc,
                      const struct nvb_toml_value *value,
                      const char *want,
                      struct nvb_err *err)
{
    return nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err, "expected %s, not %s %s", want,
                            strchr("ai", *nvb_toml_type_name(value->type)) ? "an" : "a",
                            nvb_toml_type_name(value->type));
}

static bool
read_runtime(const struct nvb_toml *doc, const struct nvb_toml_value *value, struct nvb_err *err)
{
    const char *word = value->string.text;

    if (strcmp(word, "nvbind") == 0 || strcmp(word, "bolt") == 0)
        return true;
    nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err, "'%s' is no runtime of this version", word);
    return nvb_hint(err, "write runtime = \"nvbind\"");
}

static bool read_profiles(const struct nvb_toml *doc,
                          const struct nvb_toml_value *profiles,
                          struct nvb_err *err)
{
    if (profiles->type != NVB_TOML_TABLE)
        return fail_type(doc, profiles, "a table", err);
    for (size_t i = 0; i < profiles->table.n; i++) {
        if (profiles->table.values[i]->type != NVB_TOML_TABLE)
            return fail_type(doc, profiles->table.values[i], "a table", err);
    }
    return true;
}

static bool read_key(const struct nvb_toml *doc,
                     const struct shape *shape,
                     const char *key,
                     const struct nvb_toml_value *value,
                     char **field,
                     struct nvb_err *err)
{
    size_t i = 0;

    while (shape->keys[i] && strcmp(shape->keys[i], key) != 0)
        i++;
    if (!shape->keys[i])
        return fail_key(doc, shape, key, value, err);
    if (i == 2)
        return read_profiles(doc, value, err);
    if (value->type != NVB_TOML_STRING)
        return fail_type(doc, value, "a string", err);
    if (i == 0)
        return read_runtime(doc, value, err);
    free(*field);
    *field = nvb_xstrdup(value->string.text);
    return true;
}

bool nvb_config_read(const struct nvb_toml *doc, struct nvb_config *config, struct nvb_err *err)
{
    const struct nvb_toml_value *top = nvb_toml_root(doc);
    const struct nvb_toml_value *profiles = nvb_toml_get(top, "profiles");

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        const struct nvb_toml_value *table = nvb_toml_get(top, shapes[i].table);
        char **field = i == 0 ? &config->default_profile : &config->default_model_profile;

        if (table && table->type != NVB_TOML_TABLE)
            return fail_type(doc, table, "a table", err);
        for (size_t k = 0; table && k < table->table.n; k++) {
            if (!read_key(doc, &shapes[i], table->table.keys[k], table->table.values[k], field,
                          err))
                return false;
        }
    }
    return !profiles || read_profiles(doc, profiles, err);
}

static bool load_file(const char *path, struct nvb_config *config, struct nvb_err *err)
{
    nvb_autoptr(nvb_toml) doc = NULL;

    if (access(path, F_OK) < 0)
        return true;
    return nvb_toml_read_file(path, &doc, err) && nvb_config_read(doc, config, err);
}

bool nvb_config_load(struct nvb_config *out, struct nvb_err *err)
{
    nvb_autofree char *dir = nvb_dir_dup_config();
    nvb_autofree char *own = nvb_config_dup_path(dir);
    nvb_auto_config config = { 0 };

    if (!load_file(SYSTEM_DIR "/config.toml", &config, err) || !load_file(own, &config, err))
        return false;
    *out = config;
    config = (struct nvb_config){ 0 };
    return true;
}

void nvb_config_clear(struct nvb_config *config)
{
    free(config->default_profile);
    free(config->default_model_profile);
    *config = (struct nvb_config){ 0 };
}
