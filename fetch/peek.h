/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* peek.h - a source whose first bytes were looked at: it gives them out again, then the rest. */
#pragma once

#include "source.h"

enum {
    PEEK_SIZE = 64 << 10,
};

struct peek;

/* Reads up to PEEK_SIZE bytes (fewer only at the end). `from` is borrowed. */
bool peek_new(const struct source *from, struct peek **out, struct nvb_err *err);
const void *peek_bytes(const struct peek *peek, size_t *out_len); /* borrowed */
struct source peek_get(struct peek *peek);
void peek_free(struct peek *peek);
NVB_DEFINE_AUTOPTR(peek, peek_free)
