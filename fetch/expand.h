/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* expand.h - the bytes inside of gzip or zstd, or the bytes as they are: told by the first ones.
 *
 * gzip may have several members (seekable layers are written so), zstd several frames. What is cut
 * off, or has junk behind it, is an error. zstd's window is at most 128 MiB. */
#pragma once

#include "source.h"

struct expand;

/* `packed` is borrowed; `name` is what errors call it. */
struct expand *expand_new(const struct source *packed, const char *name);
struct source expand_get(struct expand *expand);
void expand_free(struct expand *expand);
NVB_DEFINE_AUTOPTR(expand, expand_free)
