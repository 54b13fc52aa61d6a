/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull_state.h - what a pull has done so far, from nvbind-fetch's report: for whoever draws it.
 *
 * The report is checked like any foreign text: who wrote it has read hostile bytes. */
#pragma once

#include "base/json.h"
#include "image/digest.h"

enum nvb_pull_step {
    NVB_PULL_TODO = 0,
    NVB_PULL_COMING,  /* downloaded and unpacked at the same time */
    NVB_PULL_WAITING, /* for another pull that makes it */
    NVB_PULL_HAVE,    /* it was there before, or is now */
};

struct nvb_pull_layer {
    char digest[NVB_DIGEST_SIZE];
    uint64_t size_bytes;
    uint64_t n_in; /* how many have come */
    enum nvb_pull_step step;
    bool was_there; /* before */
};

struct nvb_pull_state {
    char *name;                    /* owned; "ubuntu:24.04"; NULL until the manifest is here */
    char *platform;                /* owned; "linux/amd64" */
    struct nvb_pull_layer *layers; /* owned; lowest first */
    size_t n_layers;
};

/* One event of the report. Gives the layer that it is about, or NULL; *out_is_known is false for
 * an event that says nothing or that does not fit. */
const struct nvb_pull_layer *nvb_pull_state_apply(struct nvb_pull_state *state,
                                                  const char *event,
                                                  const struct nvb_json *members,
                                                  bool *out_is_known);
void nvb_pull_state_clear(struct nvb_pull_state *state);
#define nvb_auto_pull_state __attribute__((cleanup(nvb_pull_state_clear))) struct nvb_pull_state
