/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* variable.h - the registry of environment variables: who reads one, since when, and what it does.
 *
 * Rule: nvbind emits no variable without a row here. A user's own variable without a row is
 * passed on with a warning, since half of the variables in circulation have no reader. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct nvb_variable {
    const char *name;
    const char *reader;    /* the program that reads it: "Vulkan loader" */
    const char *since;     /* its first and last version that does, or NULL: */
    const char *until;     /* none is known that does not */
    const char *values;    /* legal values in words */
    const char *effect;    /* one sentence */
    bool is_harmful;       /* has no reader, or does harm: never emitted; `effect` says why */
    const char *bad_value; /* the one value in circulation that does harm, or NULL */
};

const struct nvb_variable *nvb_variable_find(const char *name); /* NULL when unknown */
const struct nvb_variable *nvb_variable_get(size_t index);      /* NULL behind the last */

/* "Vulkan loader 1.3.207 and later". Caller frees. */
char *nvb_variable_dup_reader(const struct nvb_variable *variable);

/* Whether the variable with that value is never emitted; `effect` says why. */
bool nvb_variable_refuses(const struct nvb_variable *variable, const char *value);
