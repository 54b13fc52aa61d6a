/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* registry.h - one repository: the mirrors of its registry, then the registry itself, and patience.
 *
 * A failure that may pass (a connection that broke, status 429 and 5xx) is tried again, waiting
 * longer each time; one that will not, and patience at its end, lead to the next place. The last
 * place's error is the answer, what the others said becomes a note. */
#pragma once

#include "endpoint.h"
#include "image/registries.h"

enum {
    REGISTRY_PLACES_MAX = 16,
};

struct registry {
    struct endpoint endpoints[REGISTRY_PLACES_MAX]; /* owned; the registry itself is the last */
    size_t n;
    atomic_size_t first; /* mirrors before it did not have the image */
    unsigned n_tries;    /* of one request, without progress */
    unsigned backoff_ms; /* before the second one; then twice as long each time */
    struct http_options http;
    /* What the user should know; from any thread. */
    void (*note)(void *data, const char *text);
    void *note_data; /* borrowed */
};

/* Who is to be asked, and how patiently. Nothing is sent yet. */
void registry_init(struct registry *registry,
                   const struct nvb_registries *configured,
                   const struct nvb_reference *reference);
void registry_clear(struct registry *registry);

/* Send `ask` to the first place that answers it, from the *place-th on; *place is then which it was.
 * After true the body can be read from `http`. */
bool registry_ask(struct registry *registry,
                  struct http *http,
                  const struct ask *ask,
                  size_t *place,
                  struct nvb_err *err);

/* Before try number `n_tried` (from 1); false when there is none, or at once when stopped (then
 * *out_is_stopped, and err is set). */
bool registry_wait(const struct registry *registry,
                   unsigned n_tried,
                   unsigned retry_after_s,
                   bool *out_is_stopped,
                   struct nvb_err *err);

/* A small document: a manifest or a configuration. http_get_reply() has its type and digest. */
bool registry_get(struct registry *registry,
                  struct http *http,
                  const struct ask *ask,
                  size_t max,
                  struct nvb_buf *out_text,
                  struct nvb_err *err);
