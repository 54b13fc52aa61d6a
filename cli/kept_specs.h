/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* kept_specs.h - the specifications that `cdi refresh --watch` keeps: those with a recipe of ours.
 *
 * A specification that goes is made anew as long as its recipe stays beside it. When the recipe
 * goes as well, somebody wanted to be rid of both. When the whole directory goes, nobody meant
 * this file: then directory and recipe are put back from memory. */
#pragma once

#include "host/host.h"

struct kept_spec {
    char *path;           /* owned */
    char *recipe;         /* owned; the text of the file beside it */
    char *seen;           /* owned; what both files held, and whether they could be written */
    struct nvb_strv dirs; /* where what the specification names lies */
};

struct kept_specs {
    struct kept_spec *items; /* owned */
    size_t n;
};

/* Read all: the words' files or those of the usual directories, and those kept until now. True when
 * one of ours is new or not what it was. Complaints are lines to print. `host` is the live machine. */
bool kept_specs_look(struct kept_specs *kept,
                     const struct nvb_host *host,
                     char *const *words,
                     struct nvb_strv *out_complaints);

void kept_specs_clear(struct kept_specs *kept);
