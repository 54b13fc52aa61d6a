/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store_bed.h - image stores with made-up images, for tests. */
#pragma once

#include <stddef.h>

#include "image/store.h"

/* A store below a new tree; ends the test when it cannot be made. */
struct nvb_store *store_bed_new(const char *tree);

/* An image of `n` layers in it, each with one file; layers of the same number are the same.
 * With a name unless that is NULL. */
void store_bed_put(const struct nvb_store *store,
                   const char *name,
                   const int *layers,
                   size_t n,
                   char out_digest[NVB_DIGEST_SIZE]);

/* The chain id of such layers. */
void store_bed_chain(const int *layers, size_t n, char out[NVB_DIGEST_SIZE]);
