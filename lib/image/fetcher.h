/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fetcher.h - starts nvbind-fetch, gives it a request and follows what it reports.
 *
 * It is a program of its own because it reads hostile bytes and is linked with libraries that a
 * container's start shall not pay for. The protocol is in fetch/report.h. */
#pragma once

#include "base/json.h"

struct nvb_fetch_watch {
    /* Each event but "done" and "error"; borrowed. */
    void (*event)(void *data, const char *name, const struct nvb_json *event);
    void *data;       /* borrowed */
    bool gives_stdin; /* our standard input is its NVB_FETCH_INPUT */
};

enum {
    NVB_FETCH_INPUT = 3,
};

/* Run `nvbind-fetch WORD` to its end. *out_done is the "done" event; a failure is the "error"
 * event, or that it died without one. Killing the caller kills it. */
bool nvb_fetcher_run(const char *word,
                     const struct nvb_json *request,
                     const struct nvb_fetch_watch *watch,
                     struct nvb_json **out_done,
                     struct nvb_err *err);
