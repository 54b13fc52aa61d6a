/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* digest.h - "sha256:" and 64 small hexadecimal digits: what content is called by.
 *
 * Other algorithms are refused: nothing in use has them. Small texts (manifests, configurations)
 * are hashed here; nvbind-fetch hashes layers with libcrypto. */
#pragma once

#include "base/text.h"

enum {
    NVB_DIGEST_SIZE = sizeof("sha256:") + 64, /* with the NUL */
    NVB_DIGEST_HEX = 64,
};

bool nvb_digest_is_valid(const char *text);

/* The same with an error; `what` is the subject: "the digest of layer 3". */
bool nvb_digest_check(const char *text, const char *what, struct nvb_err *err);

/* Behind "sha256:"; borrowed. */
const char *nvb_digest_hex(const char *digest);

void nvb_digest_of(const void *data, size_t len, char out[NVB_DIGEST_SIZE]);

/* The name of layer N of an image with everything below it (image-spec, config.md, "Layer
 * ChainID"); `parent` is NULL for the lowest. */
void nvb_digest_chain(const char *parent, const char *diff_id, char out[NVB_DIGEST_SIZE]);
