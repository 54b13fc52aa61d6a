/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* part.h - what came of a large blob before a download ended early: DIR/partial/HEX in the store.
 *
 * The next download reads it first, hashing it as if it came anew, and asks for the rest. Small blobs
 * are not worth it. One that turns out wrong (it is not brought to the disk: after a power failure
 * it may hold anything) is dropped. Whoever writes one holds a lock on it; another pull of the
 * same blob does without. */
#pragma once

#include "blob.h"

enum {
    PART_MIN_BYTES = 32 << 20,
};

struct part;

/* A blob of the store at `store_fd` that will be read through this. NULL when none is to be had: the
 * blob is small, somebody else has it, the disk does not want. `blob` is borrowed. */
struct part *part_open(int store_fd, struct blob *blob, uint64_t min_bytes);

/* As source.next: first what is there, then what comes, which is kept. `data` is the part. */
bool part_next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err);

bool part_is_resumed(const struct part *part); /* some of it was there before */

/* Let go of it; NULL is fine. Unless it is kept, it is removed. */
void part_close(struct part *part, bool is_kept);
