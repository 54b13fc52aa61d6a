/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* blob.h - the bytes of a blob as they come, over broken connections: after one, the rest is asked
 * for (Range), or the beginning passed over when the registry does not know how to send a part.
 *
 * Nothing is sent before the first byte is wanted. The size is held against what was declared; the
 * digest is the reader's business. */
#pragma once

#include "registry.h"
#include "source.h"

struct blob {
    struct registry *registry; /* borrowed, as the others */
    struct http *http;         /* of this thread alone */
    const char *digest;
    const char *what; /* for messages: "layer 3 of ubuntu:latest" */
    uint64_t size_bytes;

    uint64_t at; /* how many bytes were given out; may be set before the first is wanted */
    uint64_t to_skip;
    uint64_t at_progress; /* where `at` was when patience began anew */
    unsigned n_tried;
    size_t place;
    bool is_open;
    bool has_failed; /* the network did, or we were stopped: what came so far is good */
};

void blob_init(struct blob *blob,
               struct registry *registry,
               struct http *http,
               const char *digest,
               uint64_t size_bytes,
               const char *what);

/* As source.next; `data` is the blob. */
bool blob_next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err);
