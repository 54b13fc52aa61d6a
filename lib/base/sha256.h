/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* sha256.h - SHA-256 (FIPS 180-4) of small texts: manifests, configurations, names.
 *
 * Plain C, some 200 MB/s. Layers are hashed by libcrypto in nvbind-fetch, which is eight times as
 * fast; the library does not pay 1.5 ms for that at every start. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    NVB_SHA256_SIZE = 32,
};

void nvb_sha256(const void *data, size_t len, uint8_t out[NVB_SHA256_SIZE]);
