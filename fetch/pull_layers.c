/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "pull_layers.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "part.h"

enum {
    THREADS_MAX = 16,
};

/* What the threads share. */
struct crew {
    const struct pull_layers *pull;
    const struct nvb_descriptor **todo; /* owned; largest first */
    size_t n;

    pthread_mutex_t lock; /* for what is below */
    size_t next;
    struct nvb_err *err; /* borrowed; of the first failure */
    bool has_failed;
};

static size_t index_of(const struct crew *crew, const struct nvb_descriptor *layer)
{
    return (size_t)(layer - image_build_get(crew->pull->build)->manifest->layers);
}

/* One pass over one layer. *out_is_stale: an earlier download's beginning may be to blame. */
static bool get_once(const struct crew *crew,
                     struct http *http,
                     const struct nvb_descriptor *layer,
                     bool *out_is_stale,
                     struct nvb_err *err)
{
    const struct pull_layers *pull = crew->pull;
    size_t i = index_of(crew, layer);
    nvb_autofree char *what = nvb_xasprintf("layer %zu of %s", i + 1, pull->familiar);
    struct blob blob;
    struct part *part = NULL;
    struct source source = { .next = blob_next, .data = &blob };
    bool ok = false;

    blob_init(&blob, pull->registry, http, layer->digest, layer->size_bytes, what);
    part = part_open(nvb_store_fd(pull->store), &blob, pull->part_min_bytes);
    if (part)
        source = (struct source){ .next = part_next, .data = part };
    ok = image_build_layer(pull->build, i, &source, err);
    *out_is_stale = !ok && !blob.has_failed && part_is_resumed(part);
    part_close(part, !ok && blob.has_failed);
    return ok;
}

static bool get_layer(const struct crew *crew,
                      struct http *http,
                      const struct nvb_descriptor *layer,
                      struct nvb_err *err)
{
    bool is_stale = false;

    if (get_once(crew, http, layer, &is_stale, err))
        return true;
    if (!is_stale)
        return false;
    nvb_err_clear(err);
    return get_once(crew, http, layer, &is_stale, err);
}

static const struct nvb_descriptor *take_next(struct crew *crew)
{
    const struct nvb_descriptor *layer = NULL;

    (void)pthread_mutex_lock(&crew->lock);
    if (!crew->has_failed && crew->next < crew->n)
        layer = crew->todo[crew->next++];
    (void)pthread_mutex_unlock(&crew->lock);
    return layer;
}

/* The first failure is the reason; the others' are that they were stopped. */
static void note_failure(struct crew *crew, struct nvb_err *take_err)
{
    (void)pthread_mutex_lock(&crew->lock);
    if (crew->has_failed) {
        nvb_err_clear(take_err);
    } else {
        *crew->err = *take_err;
    }
    crew->has_failed = true;
    (void)pthread_mutex_unlock(&crew->lock);
    (void)eventfd_write(crew->pull->stop_fd, 1);
}

static void *work(void *data)
{
    struct crew *crew = data;
    nvb_autoptr(http) http = http_new(&crew->pull->registry->http);
    const struct nvb_descriptor *layer = NULL;

    while ((layer = take_next(crew))) {
        struct nvb_err err = { 0 };

        if (get_layer(crew, http, layer, &err)) {
            crew->pull->there(crew->pull->there_data, index_of(crew, layer));
        } else {
            note_failure(crew, &err);
        }
    }
    return NULL;
}

static int by_size_falling(const void *a, const void *b)
{
    const struct nvb_descriptor *const *x = a;
    const struct nvb_descriptor *const *y = b;

    if ((*x)->size_bytes != (*y)->size_bytes)
        return (*x)->size_bytes < (*y)->size_bytes ? 1 : -1;
    return *x < *y ? -1 : 1;
}

static void list_missing(struct crew *crew)
{
    const struct nvb_manifest *manifest = image_build_get(crew->pull->build)->manifest;

    crew->todo = nvb_xcalloc(manifest->n_layers + 1, sizeof(const struct nvb_descriptor *));
    for (size_t i = 0; i < manifest->n_layers; i++) {
        if (image_build_needs(crew->pull->build, i))
            crew->todo[crew->n++] = &manifest->layers[i];
    }
    qsort((void *)crew->todo, crew->n, sizeof(const struct nvb_descriptor *), by_size_falling);
}

/* This thread is one of them, so one that cannot be started is no failure. */
static void run_threads(struct crew *crew)
{
    pthread_t threads[THREADS_MAX];
    size_t n = 0;

    while (n + 1 < crew->n && n + 1 < crew->pull->n_threads && n + 1 < THREADS_MAX &&
           pthread_create(&threads[n], NULL, work, crew) == 0)
        n++;
    (void)work(crew);
    while (n > 0)
        (void)pthread_join(threads[--n], NULL);
}

bool pull_layers_get(const struct pull_layers *pull, size_t *out_n, struct nvb_err *err)
{
    struct crew crew = { .pull = pull, .err = err };

    (void)pthread_mutex_init(&crew.lock, NULL);
    list_missing(&crew);
    run_threads(&crew);
    (void)pthread_mutex_destroy(&crew.lock);
    free((void *)crew.todo);
    *out_n = crew.n;
    return !crew.has_failed;
}
