/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* word.h - what nvbind-fetch can be asked for: `nvbind-fetch WORD`, the request as JSON on stdin.
 *
 * A word works in two steps. `prepare`, outside of the jail, may open what the request names and
 * adds it to the jail; it reads nothing foreign. `work`, inside, does everything else. */
#pragma once

#include "base/json.h"
#include "jail.h"
#include "report.h"

struct word {
    const char *name;
    size_t state_size; /* of the word's own struct; zeroed before prepare */
    bool makes_layers; /* the store is made when absent, and brought to the disk afterwards */
    bool is_writer;    /* the store can be written; so it can be with makes_layers */
    bool has_no_store; /* prepare sets the jail's ids, too */
    bool (*prepare)(void *state,
                    const struct nvb_json *request,
                    struct jail *jail,
                    struct nvb_err *err);
    /* *out_done: members of the "done" event; may be left NULL. The store is at "/store". */
    bool (*work)(void *state,
                 struct report *report,
                 struct nvb_json **out_done,
                 struct nvb_err *err);
    void (*clear)(void *state); /* what prepare made, secrets above all; may be NULL */
};

extern const struct word word_check;
extern const struct word word_import;
extern const struct word word_export;
extern const struct word word_place;
extern const struct word word_pull;
extern const struct word word_repair;
extern const struct word word_sweep;

/* What every word does first: the request's store ("store", else the usual one) goes into the jail
 * with its ids. */
bool word_open_store(const struct nvb_json *request,
                     bool may_write,
                     struct jail *jail,
                     struct nvb_err *err);
