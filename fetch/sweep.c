/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* sweep.c - `nvbind-fetch sweep`: what no name and no lease leads to is removed.
 *
 *   {"wait":true}                                wait for others who work in the store
 *   "done": {"layers","blobs","bytes","busy"}
 *
 * Nothing foreign is read; it is here because only a namespace may remove files of all ids. */
#include <time.h>

#include "image/store_sweep.h"
#include "word.h"

enum {
    TRIES = 20,
    PAUSE_MS = 50,
};

struct sweep {
    bool may_wait;
};

static bool
prepare(void *state, const struct nvb_json *request, struct jail *jail, struct nvb_err *err)
{
    struct sweep *sweep = state;

    (void)jail;
    (void)err;
    sweep->may_wait = nvb_json_get_bool(request, "wait");
    return true;
}

static bool
work(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    const struct sweep *sweep = state;
    nvb_autoptr(nvb_store) store = NULL;
    struct nvb_sweep_result result = { 0 };
    nvb_auto_err refused = { 0 };
    bool is_done = false;

    (void)report;
    if (!nvb_store_open("/store", NVB_STORE_WRITE, &store, err))
        return false;
    /* Whoever has just imported something may still mark it as being on the disk. */
    for (int i = 0; i < TRIES && !is_done && (i == 0 || refused.kind == NVB_E_CONFLICT); i++) {
        const struct timespec pause = { .tv_nsec = i > 0 ? PAUSE_MS * 1000000L : 0 };

        nvb_err_clear(&refused);
        (void)nanosleep(&pause, NULL);
        is_done = nvb_store_sweep(store, sweep->may_wait, &result, &refused);
    }
    if (!is_done && (refused.kind != NVB_E_CONFLICT || sweep->may_wait)) {
        *err = refused;
        refused = (struct nvb_err){ 0 };
        return false;
    }
    *out_done = nvb_json_new_object();
    nvb_json_set_u64(*out_done, "layers", result.n_layers);
    nvb_json_set_u64(*out_done, "blobs", result.n_blobs);
    nvb_json_set_u64(*out_done, "bytes", result.size_bytes);
    nvb_json_set_bool(*out_done, "busy", !is_done);
    return true;
}

const struct word word_sweep = {
    .name = "sweep",
    .state_size = sizeof(struct sweep),
    .is_writer = true,
    .prepare = prepare,
    .work = work,
};
