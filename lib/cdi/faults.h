/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* faults.h - what is wrong with a specification, each with its line. Only for lib/cdi. */
#pragma once

#include "base/text.h"

struct fault {
    unsigned line;
    size_t order; /* of its finding: among those of one line */
    char *text;   /* owned */
};

struct faults {
    struct fault *items; /* owned */
    size_t n;
    size_t n_all; /* found; more than FAULTS_MAX are only counted */
};

enum {
    FAULTS_MAX = 1000,
};

/* Bytes of the file that would upset a terminal are shown as '?'. */
void faults_add(struct faults *faults, unsigned line, const char *fmt, ...) NVB_PRINTF(3, 4);
/* "NAME:LINE: what", in the order of the lines. */
void faults_list(struct faults *faults, const char *name, struct nvb_strv *out);
void faults_clear(struct faults *faults);
#define auto_faults __attribute__((cleanup(faults_clear))) struct faults
