/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* setting.h - what a profile file may say: one table of keys, types and words.
 *
 * Reading, "did you mean", printing and `profile show --why` are all made from the table; a new
 * setting is a field in struct nvb_profile and a row here. [env] is the one free-form table. */
#pragma once

#include "base/toml.h"
#include "nvbind/profile.h"

enum nvb_setting_type {
    NVB_SETTING_TEXT = 1, /* char *, owned; one line */
    NVB_SETTING_WORD,     /* an enum */
    NVB_SETTING_BOOL,
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
    const struct nvb_setting_word *words; /* of a word or bool; ends with word == NULL */
    uint64_t max;                         /* of a count */
    const char *effect;                   /* of a text or count */
};

/* The whole table; ends with key == NULL. */
extern const struct nvb_setting nvb_settings[];

/* Fill `profile` from a document; keys that are not in the table and values of another type are
 * told with their place. */
bool nvb_settings_read(const struct nvb_toml *doc,
                       struct nvb_profile *profile,
                       struct nvb_err *err);

/* "sandbox.profile", and the value as it is printed: a word, "true", a number. */
char *nvb_setting_dup_name(const struct nvb_setting *setting);
char *nvb_setting_dup_value(const struct nvb_setting *setting, const struct nvb_profile *profile);

/* What its value in this profile does, borrowed. */
const char *nvb_setting_effect(const struct nvb_setting *setting,
                               const struct nvb_profile *profile);
