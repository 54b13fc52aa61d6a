/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* rootfs_build.h - a root file system that nobody made an image of: one layer, and texts made here. */
#pragma once

#include "image/compose.h"
#include "image/store.h"
#include "report.h"
#include "source.h"

/* `config` has what the image shall say of itself; its layer is added here. The archive may be
 * packed. */
bool rootfs_build(const struct nvb_store *store,
                  struct nvb_work *work,
                  const char *name,
                  const struct nvb_reference *reference,
                  struct nvb_image_config *config,
                  const struct source *archive,
                  struct report *report,
                  char out_digest[NVB_DIGEST_SIZE],
                  struct nvb_err *err);
