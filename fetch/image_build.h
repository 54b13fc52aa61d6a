/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_build.h - an image on its way into the store: two texts, and layers that come in any order.
 *
 *   build = image_build_new(store, work, manifest, config)
 *   for each layer i for which image_build_needs(build, i), one thread or several:
 *       image_build_layer(build, i, source)      unpack, verify, publish
 *   image_build_finish(build, name)              blobs and the name: now the image is there
 *
 * A layer that somebody else is making right now is waited for instead of made twice. */
#pragma once

#include "image/store.h"
#include "source.h"
#include "unpack.h"

struct image_build;

/* What is told while it works; called from the threads that work; any may be NULL. */
struct build_watch {
    void (*progress)(void *data, size_t layer, uint64_t n_in, uint64_t n_out);
    void (*waiting)(void *data, size_t layer); /* for somebody else who makes it */
    void *data;                                /* borrowed */
};

/* The texts are checked against each other; store and work are borrowed. `name` is what messages
 * call the image. */
bool image_build_new(const struct nvb_store *store,
                     struct nvb_work *work,
                     const char *name,
                     const char *manifest_text,
                     size_t manifest_len,
                     const char *config_text,
                     size_t config_len,
                     struct image_build **out,
                     struct nvb_err *err);
void image_build_free(struct image_build *build);
NVB_DEFINE_AUTOPTR(image_build, image_build_free)

const struct nvb_image *image_build_get(const struct image_build *build); /* borrowed */
void image_build_watch(struct image_build *build, const struct build_watch *watch);

/* The sources are not packed as the manifest says (an archive of docker's): only the digests of the
 * unpacked layers are held against them. */
void image_build_set_loose(struct image_build *build);

/* Not in the store yet. */
bool image_build_needs(const struct image_build *build, size_t layer);

/* `source` may be left unread when the layer appears meanwhile. Thread-safe, each layer once. */
bool image_build_layer(struct image_build *build,
                       size_t layer,
                       const struct source *source,
                       struct nvb_err *err);

/* `reference` may be NULL: then only a digest leads to the image, until the next sweep. *out_notes
 * gets what was left out of the layers. */
bool image_build_finish(struct image_build *build,
                        const struct nvb_reference *reference,
                        struct nvb_strv *out_notes,
                        struct nvb_err *err);

/* In words for the user. */
void image_build_describe_losses(const struct tree_losses *losses, struct nvb_strv *out);
