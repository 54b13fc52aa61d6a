/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* vdf_internal.h - how the readers make the tree. */
#pragma once

#include "core/vdf.h"

/* A document around a copy of the file: readers end words in place and point to them. */
GfVdf *gf_vdf_new(const char *bytes, size_t len);
char *gf_vdf_bytes(GfVdf *vdf);

/* A node behind the others of `parent`. */
GfVdfNode *gf_vdf_add(GfVdf *vdf, GfVdfNode *parent, GfVdfType type, const char *key);
GfVdfNode *gf_vdf_edit_root(GfVdf *vdf);

/* A word that is not in the copy as it is. */
const char *gf_vdf_keep(GfVdf *vdf, const char *word, size_t len);
