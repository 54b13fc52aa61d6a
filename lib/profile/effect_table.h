/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* effect_table.h - the effects that follow from the value of one setting alone. */
#pragma once

#include "profile/effect.h"

struct nvb_effect_row {
    const char *setting; /* "dlss.quality" */
    const char *is;      /* the value as it is printed */
    enum nvb_effect_kind kind;
    const char *name;  /* of a variable */
    const char *value; /* its */
    enum nvb_gpu_vendor vendor;
    const char *reason;
};

/* Ends with setting == NULL. */
extern const struct nvb_effect_row nvb_effect_table[];
