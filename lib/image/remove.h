/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* remove.h - taking names away from images, and then what nothing leads to any longer.
 *
 * Files of layers may have ids that only a namespace can remove, so nvbind-fetch does that. */
#pragma once

#include "image/store.h"
#include "image/store_sweep.h"

/* Take away the name, or every name when an id is given. An image that a container uses keeps its
 * last name, and one with several names is not meant by its id, unless `is_forced`. *out_names: those
 * that are gone. */
bool nvb_image_untag(const struct nvb_store *store,
                     const char *name_or_id,
                     bool is_forced,
                     struct nvb_strv *out_names,
                     struct nvb_err *err);

/* Every name of images that no container uses. */
bool nvb_image_untag_unused(const struct nvb_store *store,
                            struct nvb_strv *out_names,
                            struct nvb_err *err);

/* Remove what nothing leads to. With others at work in the store it waits, or *out_is_busy is set and
 * nothing removed. No store may be open in this process. */
bool nvb_image_sweep(bool may_wait,
                     struct nvb_sweep_result *out,
                     bool *out_is_busy,
                     struct nvb_err *err);
