/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* setting.h - what a profile may say: one table of keys, types and words.
 *
 * Reading, "did you mean", printing, editing and `profile show --why` are all made from the table;
 * a new setting is a field in struct nvb_profile and a row here. [env] is the one free-form table.
 * The integration brief's own spellings ("dlss_enabled", "UltraLowLatency") are read as well. */
#pragma once

#include "base/toml.h"
#include "nvbind/profile.h"

enum nvb_setting_type {
    NVB_SETTING_TEXT = 1, /* char *, owned; one line */
    NVB_SETTING_WORD,     /* an enum */
    NVB_SETTING_BOOL,
    NVB_SETTING_WISH,  /* enum nvb_wish: true, false, or not said */
    NVB_SETTING_COUNT, /* uint64_t */
};

struct nvb_setting_word {
    const char *word; /* the first row of a value is how it is printed */
    unsigned value;
    const char *effect; /* what choosing it does; NULL in rows that are other words for one above */
};

struct nvb_setting {
    const char *section; /* NULL: at the top of the file */
    const char *key;
    enum nvb_setting_type type;
    size_t offset;                        /* in struct nvb_profile */
    const struct nvb_setting_word *words; /* of a word, bool or wish; ends with word == NULL */
    uint64_t max;                         /* of a count */
    const char *effect;                   /* of a text or count */
    bool (*accepts)(const char *text);    /* of a text that has a form, which */
    const char *form;                     /* is told when it has another */
};

/* Another spelling of a setting. */
struct nvb_setting_alias {
    const char *section;
    const char *key;
    const char *of_section;
    const char *of_key;
};

/* The whole tables; they end with key == NULL. */
extern const struct nvb_setting nvb_settings[];
extern const struct nvb_setting_alias nvb_setting_aliases[];
extern const size_t nvb_n_settings;

/* Who says what is read. */
struct nvb_setting_place {
    enum nvb_layer layer;
    const char *source; /* borrowed; a path, or NULL */
};

/* With origins for all, the layer of the defaults. */
struct nvb_profile *nvb_profile_new(const char *name, const char *source);

/* Fill `profile` from a table of a document, over what it has; keys that are not in the table,
 * values of another type and settings said twice are told with their place. */
bool nvb_settings_read(const struct nvb_toml *doc,
                       const struct nvb_toml_value *table,
                       const struct nvb_setting_place *place,
                       struct nvb_profile *profile,
                       struct nvb_err *err);

/* One value of the type that the setting wants, or an error that names the fault alone. */
bool nvb_setting_assign(const struct nvb_setting *setting,
                        const struct nvb_toml_value *value,
                        struct nvb_profile *profile,
                        struct nvb_err *err);
void nvb_origin_set(struct nvb_origin *origin,
                    const struct nvb_setting_place *place,
                    unsigned line);

/* "frames.cap" and "60", as typed; "env.NAME" is a variable. */
bool nvb_setting_assign_text(const char *name,
                             const char *text,
                             const struct nvb_setting_place *place,
                             struct nvb_profile *profile,
                             struct nvb_err *err);

/* By section and key in any spelling, or by the dotted form of both; NULL when there is none. */
const struct nvb_setting *nvb_setting_find(const char *section, const char *key);
const struct nvb_setting *nvb_setting_find_name(const char *name);

/* The nearest setting, or all, as advice. */
bool nvb_setting_fail_name(const char *name, struct nvb_err *err);

/* Whether it can be a table of the file: a section in any spelling, or "env". */
bool nvb_setting_is_section(const char *name);

/* Of "env.NAME" the NAME, if it is the name of a variable; else NULL. */
const char *nvb_setting_variable(const char *name);
bool nvb_setting_is_variable(const char *name, size_t len);

/* "sandbox.profile", and the value as it is printed: a word, "true", a number; "" when unset. */
char *nvb_setting_dup_name(const struct nvb_setting *setting);
char *nvb_setting_dup_value(const struct nvb_setting *setting, const struct nvb_profile *profile);

/* What its value in this profile does, borrowed; NULL when it has none. */
const char *nvb_setting_effect(const struct nvb_setting *setting,
                               const struct nvb_profile *profile);

/* Where its value came from; a profile made by hand has no origins, and this is then NULL. */
struct nvb_origin *nvb_setting_origin(const struct nvb_setting *setting,
                                      const struct nvb_profile *profile);
bool nvb_setting_is_said(const struct nvb_setting *setting, const struct nvb_profile *profile);
