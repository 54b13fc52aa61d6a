/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* library.h - the smallest ELF libraries: a soname, what it needs, and no code. */
#pragma once

#include <stddef.h>

enum {
    LIBRARY_MAX = 4096,
};

/* The bytes of a library for EM_X86_64, EM_AARCH64 (64 bits) or EM_386, EM_ARM (32 bits), in an
 * array of LIBRARY_MAX; returns how many. `soname` may be NULL; `needed` is a list ended by NULL,
 * or NULL. */
size_t library_make(unsigned machine, const char *soname, const char *const *needed, char *out);

/* A library as PATH below the tree, parents made. */
void tree_put_library(const char *tree, const char *path, unsigned machine, const char *soname);

/* Any bytes. */
void tree_put_bytes(const char *tree, const char *path, const void *data, size_t len);
