/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* effect.h - what a profile turns into: variables, words before the command, and what is refused.
 *
 * One answer for each setting that says something, so that `profile show --why` and the container
 * that `resolve` makes can never tell different tales. Every variable has a row in the registry. */
#pragma once

#include "nvbind/gpu.h"
#include "nvbind/profile.h"

struct nvb_variable;

enum nvb_effect_kind {
    NVB_EFFECT_VARIABLE = 1, /* name=value for the container */
    NVB_EFFECT_WORDS,        /* the command gets these words before it; `value`, blanks between */
    NVB_EFFECT_ELSEWHERE,    /* done without either, as `reason` says */
    NVB_EFFECT_NOTHING,      /* there is nothing to do, as `reason` says */
    NVB_EFFECT_REFUSED,      /* not done, as `reason` says */
};

struct nvb_effect {
    enum nvb_effect_kind kind;
    char *settings;                      /* owned; "frames.cap, frames.queue", "env.DXVK_HUD" */
    char *name;                          /* owned; the variable's; or NULL */
    char *value;                         /* owned; or NULL */
    const struct nvb_variable *variable; /* borrowed; NULL when nothing is known of it */
    enum nvb_gpu_vendor vendor;          /* of use with GPUs of this vendor only; 0 = with any */
    char *reason;                        /* owned; or NULL */
};

struct nvb_effects {
    struct nvb_effect *items; /* owned */
    size_t n;
};

/* The frame layer in the container can hold the cap for every Vulkan game: then no other does. */
void nvb_effects_make(const struct nvb_profile *profile,
                      bool has_frame_layer,
                      struct nvb_effects *out);
void nvb_effects_clear(struct nvb_effects *effects);
#define nvb_auto_effects __attribute__((cleanup(nvb_effects_clear))) struct nvb_effects

/* "variable", "words", "elsewhere", "nothing", "refused". */
const char *nvb_effect_kind_name(enum nvb_effect_kind kind);
