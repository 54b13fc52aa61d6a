/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* variable_rows.h - how the rows of the registry are written, one file for each kind of reader.
 *
 * The first version that reads a variable was looked up in the reader's own history; ALWAYS means
 * that no version is known that does not. */
#pragma once

#include "profile/variable.h"

#define ALWAYS            NULL, NULL
#define SINCE(first)      first, NULL
#define UNTIL(last)       NULL, last
#define FROM_TO(from, to) from, to

#define READ_BY(...) READ_ROW(NULL, __VA_ARGS__)
#define READ_ROW(bad_, name_, reader_, since_, until_, values_, effect_)        \
    {                                                                           \
        .name = (name_), .reader = (reader_), .since = since_, .until = until_, \
        .values = (values_), .effect = (effect_), .bad_value = (bad_)           \
    }
#define READ_BY_BUT_NOT(bad_, ...) READ_ROW(bad_, __VA_ARGS__)
#define HARMFUL(name_, reader_, values_, effect_)                                       \
    {                                                                                   \
        .name = (name_), .reader = (reader_), .values = (values_), .effect = (effect_), \
        .is_harmful = true                                                              \
    }

/* One table, in the order of strcmp(). */
struct nvb_variable_part {
    const struct nvb_variable *rows;
    size_t n;
};

extern const struct nvb_variable_part nvb_variables_driver;
extern const struct nvb_variable_part nvb_variables_program;
extern const struct nvb_variable_part nvb_variables_wine;
