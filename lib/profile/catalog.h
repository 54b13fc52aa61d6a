/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* catalog.h - where the profile of a name is: a file of its own, or a table of config.toml.
 *
 * The user's folder, then /etc/nvbind, then what was installed (which has no config.toml); in each
 * a file before a table. The first wins, whole. */
#pragma once

#include "base/text.h"
#include "nvbind/profile.h"
#include "profile/config.h"

struct nvb_catalog_entry {
    char *path;                           /* owned; the file */
    const struct nvb_config_shelf *shelf; /* borrowed; where in it the table is; NULL: all of it */
    bool is_own;                          /* the user's, which may be changed */
    struct nvb_toml *doc;                 /* owned */
    const struct nvb_toml_value *table;   /* borrowed from doc */
};

void nvb_catalog_entry_clear(struct nvb_catalog_entry *entry);
#define nvb_auto_catalog_entry \
    __attribute__((cleanup(nvb_catalog_entry_clear))) struct nvb_catalog_entry

/* A name becomes a file name, so it has nothing that could leave the folder or hide in it. */
bool nvb_catalog_is_name(const char *name);
bool nvb_catalog_check_name(const char *name, struct nvb_err *err);

/* NVB_E_NOT_FOUND carries a "did you mean" hint or the list. */
bool nvb_catalog_find(const char *name, struct nvb_catalog_entry *out, struct nvb_err *err);

/* "~/.config/nvbind/profiles/NAME.toml", there or not. Caller frees. */
char *nvb_catalog_dup_own_path(const char *name);

/* The profile of a name as its own layer says it, without what follows from that. */
bool nvb_catalog_read(const char *name, struct nvb_profile **out_profile, struct nvb_err *err);
