/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* path_set.h - a set of paths, asked and changed in constant time: an archive may have a million. */
#pragma once

#include "base/text.h"

struct path_set {
    char **slots; /* owned, and the strings; a power of two */
    size_t n_slots;
    size_t n_used; /* removed ones included */
};

void path_set_add(struct path_set *set, const char *path);
void path_set_remove(struct path_set *set, const char *path);
bool path_set_has(const struct path_set *set, const char *path);
void path_set_list(const struct path_set *set, struct nvb_strv *out); /* sorted */
void path_set_clear(struct path_set *set);
