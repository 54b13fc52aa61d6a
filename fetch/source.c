/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum {
    FILE_PIECE = 256 << 10,
};

struct file_source {
    int fd;           /* borrowed */
    const char *name; /* borrowed */
    char *piece;      /* owned */
};

struct file_source *file_source_new(int fd, const char *name)
{
    struct file_source *file = nvb_xcalloc(1, sizeof(*file));

    file->fd = fd;
    file->name = name;
    file->piece = nvb_xcalloc(1, FILE_PIECE);
    return file;
}

static bool next_of_file(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct file_source *file = data;
    ssize_t got = 0;

    do {
        got = read(file->fd, file->piece, FILE_PIECE);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read '%s'", file->name);
    *out_bytes = file->piece;
    *out_len = (size_t)got;
    return true;
}

struct source file_source_get(struct file_source *file)
{
    return (struct source){ .next = next_of_file, .data = file };
}

void file_source_free(struct file_source *file)
{
    if (!file)
        return;
    free(file->piece);
    free(file);
}

/* A ring: `start` is where the oldest byte is. What `next` handed out stays until it is called
 * again, so it is taken off the ring only then. */
struct feed {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    char *ring; /* owned */
    size_t size;
    size_t start;
    size_t len;
    size_t n_out; /* handed out, still in the ring */
    bool is_ended;
    bool is_closed;
    bool has_failed;
    struct nvb_err err; /* owned; why */
};

struct feed *feed_new(size_t size)
{
    struct feed *feed = nvb_xcalloc(1, sizeof(*feed));

    feed->ring = nvb_xcalloc(1, size);
    feed->size = size;
    (void)pthread_mutex_init(&feed->mutex, NULL);
    (void)pthread_cond_init(&feed->changed, NULL);
    return feed;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    (void)pthread_cond_destroy(&feed->changed);
    (void)pthread_mutex_destroy(&feed->mutex);
    nvb_err_clear(&feed->err);
    free(feed->ring);
    free(feed);
}

static void lock(struct feed *feed)
{
    (void)pthread_mutex_lock(&feed->mutex);
}

static void unlock(struct feed *feed)
{
    (void)pthread_mutex_unlock(&feed->mutex);
}

/* As much as fits behind what is there, up to the ring's end. */
static size_t put_piece(struct feed *feed, const char *bytes, size_t len)
{
    size_t at = (feed->start + feed->len) % feed->size;
    size_t room = feed->size - feed->len;
    size_t n = len < room ? len : room;

    if (n > feed->size - at)
        n = feed->size - at;
    memcpy(feed->ring + at, bytes, n);
    feed->len += n;
    return n;
}

bool feed_put(struct feed *feed, const void *bytes, size_t len)
{
    const char *p = bytes;
    size_t left = len;
    bool is_open = true;

    lock(feed);
    while (left > 0 && !feed->is_closed) {
        size_t n = put_piece(feed, p, left);

        p += n;
        left -= n;
        if (n > 0) {
            (void)pthread_cond_broadcast(&feed->changed);
        } else {
            (void)pthread_cond_wait(&feed->changed, &feed->mutex);
        }
    }
    is_open = !feed->is_closed;
    unlock(feed);
    return is_open;
}

size_t feed_room(struct feed *feed)
{
    size_t room = 0;

    lock(feed);
    room = feed->size - feed->len;
    unlock(feed);
    return room;
}

void feed_end(struct feed *feed)
{
    lock(feed);
    feed->is_ended = true;
    (void)pthread_cond_broadcast(&feed->changed);
    unlock(feed);
}

void feed_fail(struct feed *feed, struct nvb_err *take_err)
{
    lock(feed);
    feed->has_failed = true;
    nvb_err_clear(&feed->err);
    feed->err = *take_err;
    *take_err = (struct nvb_err){ 0 };
    (void)pthread_cond_broadcast(&feed->changed);
    unlock(feed);
}

void feed_close(struct feed *feed)
{
    lock(feed);
    feed->is_closed = true;
    (void)pthread_cond_broadcast(&feed->changed);
    unlock(feed);
}

/* Give back what was handed out, then wait for more. */
static bool next_of_feed(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct feed *feed = data;
    bool ok = true;

    lock(feed);
    feed->start = (feed->start + feed->n_out) % feed->size;
    feed->len -= feed->n_out;
    feed->n_out = 0;
    (void)pthread_cond_broadcast(&feed->changed);
    while (feed->len == 0 && !feed->is_ended && !feed->has_failed)
        (void)pthread_cond_wait(&feed->changed, &feed->mutex);
    if (feed->len == 0 && feed->has_failed) {
        ok = false;
        *err = feed->err;
        feed->err = (struct nvb_err){ 0 };
    }
    feed->n_out = feed->len < feed->size - feed->start ? feed->len : feed->size - feed->start;
    *out_bytes = feed->ring + feed->start;
    *out_len = feed->n_out;
    unlock(feed);
    return ok;
}

struct source feed_source(struct feed *feed)
{
    return (struct source){ .next = next_of_feed, .data = feed };
}
