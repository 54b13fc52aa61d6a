/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* import.h - bring the library up to date with its sources. */
#pragma once

#include "core/library.h"

/* What came of one source. */
typedef struct {
    const char *source; /* borrowed */
    bool is_present;
    bool is_complete;
    unsigned n_found;
    unsigned n_new;
    unsigned n_changed;
    unsigned n_gone;          /* newly: not listed any more */
    unsigned n_absent;        /* newly: out of reach */
    struct nvb_strv problems; /* owned */
} GfImported;

typedef struct {
    GfImported *items; /* owned; in the order of gf_sources[] */
    size_t n;
    size_t n_games; /* in the library, hidden ones and those that are gone aside */
    bool is_written;
} GfImportReport;

void gf_import_report_clear(GfImportReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GfImportReport, gf_import_report_clear)

/* Scan the sources named (all when the list is empty) and keep what changed, in one transaction.
 * A source that cannot be read is told of in the report and is no failure. */
bool gf_import(GfStore *store,
               const GfPlaces *places,
               const struct nvb_strv *names,
               GfImportReport *out_report,
               struct nvb_err *err);
