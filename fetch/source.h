/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* source.h - where the bytes of a layer come from: a file, a member of an archive, a download.
 *
 * `next` hands out the next piece, which stays valid until it is called again: *out_len 0 is the
 * end. Whoever has the bytes already (a download's callback) puts them into a `struct feed`
 * in one thread and gives feed_source() to the thread that unpacks. */
#pragma once

#include "base/text.h"

struct source {
    bool (*next)(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err);
    void *data; /* borrowed */
};

/* A file or pipe from where it stands. The buffer is the source's. */
struct file_source;
struct file_source *file_source_new(int fd, const char *name); /* both borrowed */
struct source file_source_get(struct file_source *file);
void file_source_free(struct file_source *file);
NVB_DEFINE_AUTOPTR(file_source, file_source_free)

/* A queue of at most `size` bytes between two threads. */
struct feed;
struct feed *feed_new(size_t size);
void feed_free(struct feed *feed); /* when neither thread uses it any longer */
NVB_DEFINE_AUTOPTR(feed, feed_free)

/* The giving side. put waits for room; false when the taking side has closed (it failed or has
 * enough: look at its result). room: what put would take without waiting, for those who may not
 * wait. */
bool feed_put(struct feed *feed, const void *bytes, size_t len);
size_t feed_room(struct feed *feed);
void feed_end(struct feed *feed);                            /* all was put */
void feed_fail(struct feed *feed, struct nvb_err *take_err); /* no more will come */

/* The taking side. */
struct source feed_source(struct feed *feed);
void feed_close(struct feed *feed);
