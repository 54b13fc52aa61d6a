/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* hash.h - SHA-256 of bytes as they pass by, by libcrypto: 1.7 GB/s where the processor helps. */
#pragma once

#include <stddef.h>

#include "image/digest.h"

struct hash;

struct hash *hash_new(void);
void hash_add(struct hash *hash, const void *bytes, size_t len);
void hash_end(struct hash *hash, char out[NVB_DIGEST_SIZE]); /* once */
void hash_free(struct hash *hash);
NVB_DEFINE_AUTOPTR(hash, hash_free)
