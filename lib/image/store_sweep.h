/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store_sweep.h - removing what no name and no lease leads to.
 *
 * Marked and taken aside under the exclusive lock, which takes milliseconds; removed after it. */
#pragma once

#include "image/store.h"

struct nvb_sweep_result {
    size_t n_layers;
    size_t n_blobs;
    uint64_t size_bytes; /* of the files of those layers and of the blobs */
};

/* False with kind NVB_E_CONFLICT when others work in the store and `may_wait` is false. An image that a
 * name leads to but that cannot be read stops it: better too much is kept than too little. */
bool nvb_store_sweep(const struct nvb_store *store,
                     bool may_wait,
                     struct nvb_sweep_result *out,
                     struct nvb_err *err);
