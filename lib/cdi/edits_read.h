/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* edits_read.h - container edits out of a document. Only for lib/cdi. */
#pragma once

#include "base/doc.h"
#include "cdi/edits.h"
#include "cdi/faults.h"

/* What is read is good only when no fault was noted. A field's `read`, thus the void. */
void edits_read(struct faults *faults, const struct nvb_doc *doc, void *out_edits);
