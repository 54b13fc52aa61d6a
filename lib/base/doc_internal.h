/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* doc_internal.h - what the two readers of documents share. Only for lib/base. */
#pragma once

#include "base/doc.h"

/* What copies may still be made. */
struct doc_budget {
    size_t values;
    size_t bytes;
};

/* Append to an array or object; takes the key and the value's contents. */
void nvb_doc_take_entry(struct nvb_doc *doc, char *take_key, unsigned line, struct nvb_doc *value);

/* A deep copy on another line; false when the budget does not suffice. */
bool nvb_doc_copy(struct nvb_doc *to,
                  const struct nvb_doc *from,
                  unsigned depth,
                  struct doc_budget *budget);
