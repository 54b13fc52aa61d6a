/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* each.h - one thing is done to every container that was named, as `nvbind stop A B` does: what fails
 * is told, and the others have their turn. */
#pragma once

#include "cmd.h"
#include "life/places.h"

typedef bool (*each_fn)(const struct nvb_places *places,
                        const char *id,
                        const char *word, /* as it was typed */
                        void *data,
                        struct nvb_err *err);

struct each {
    each_fn act;
    void *data;
    bool as_json;
    bool is_silent; /* `act` prints its own answer */
};

/* What was done is printed on stdout: the words as they were typed, or {"done": [ids]}. The exit
 * status is EXIT_FAILURE when one failed. */
int each_container(const struct each *each, char **words);

/* Open the places, and put right what the dead have left there. */
bool open_places(struct nvb_places *out, struct nvb_err *err);
