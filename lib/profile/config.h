/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* config.h - what config.toml says of profiles; the user's word wins over /etc/nvbind's, key by key.
 *
 *   [gpu]
 *   runtime = "nvbind"              the only one yet
 *   default_profile = "competitive" for a game that names none of its own
 *   [gpu.gaming_profiles.competitive]   a profile, written over the profile 'gaming'
 *
 *   [ai_ml]
 *   runtime = "nvbind"
 *   default_ollama_profile = "balanced"
 *   [ai_ml.ollama_profiles.production]  the same, over 'aiml'
 *
 *   [profiles.ollama-7b]                the same, in a file of its own
 */
#pragma once

#include "base/toml.h"

struct nvb_config {
    char *default_profile;       /* owned; or NULL */
    char *default_model_profile; /* owned; or NULL */
};

/* Where a configuration may have tables of profiles. */
struct nvb_config_shelf {
    const char *table;    /* "gpu"; NULL: `profiles` is at the top */
    const char *profiles; /* "gaming_profiles" */
    const char *base;     /* the profile that these are written over */
};

/* Ends with profiles == NULL. */
extern const struct nvb_config_shelf nvb_config_shelves[];

/* The table of profiles on a shelf of the document, or NULL. Borrowed from it. */
const struct nvb_toml_value *nvb_config_get_profiles(const struct nvb_toml *doc,
                                                     const struct nvb_config_shelf *shelf);

/* "/etc/nvbind/config.toml"'s folder or the user's. Caller frees. */
char *nvb_config_dup_path(const char *dir);

/* Add what one document says, as a later file; faults are told with their place. */
bool nvb_config_read(const struct nvb_toml *doc, struct nvb_config *config, struct nvb_err *err);

/* Both files; one that is absent says nothing. */
bool nvb_config_load(struct nvb_config *out, struct nvb_err *err);
void nvb_config_clear(struct nvb_config *config);
#define nvb_auto_config __attribute__((cleanup(nvb_config_clear))) struct nvb_config
