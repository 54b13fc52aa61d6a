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
    void *data; /* borrowed */
    bool has_given;
    int given; /* this descriptor of ours is its NVB_FETCH_GIVEN; borrowed */
};

enum {
    NVB_FETCH_GIVEN = 3,
};

/* Run `nvbind-fetch WORD` to its end. *out_done is the "done" event; a failure is the "error"
 * event, or that it died without one. Killing the caller kills it. */
bool nvb_fetcher_run(const char *word,
                     const struct nvb_json *request,
                     const struct nvb_fetch_watch *watch,
                     struct nvb_json **out_done,
                     struct nvb_err *err);

/* The same in two steps, for two that talk to each other. `watch` is borrowed until the end. */
struct nvb_fetcher;
bool nvb_fetcher_begin(const char *word,
                       const struct nvb_json *request,
                       const struct nvb_fetch_watch *watch,
                       struct nvb_fetcher **out,
                       struct nvb_err *err);
bool nvb_fetcher_end(struct nvb_fetcher *take_fetcher,
                     struct nvb_json **out_done,
                     struct nvb_err *err);
