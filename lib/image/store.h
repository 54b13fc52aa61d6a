/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* store.h - the images of this machine's root, or of one user.
 *
 *   DIR/format                      version of all this; another one is refused, never guessed
 *   DIR/ids.json                    whose ids the layers' files have (image/store_ids.h)
 *   DIR/lock                        shared while somebody works here, exclusive for sweeping
 *   DIR/blobs/sha256/HEX            manifests, configurations; layers as they came if kept
 *   DIR/layers/HEX/{diff,meta.json} unpacked; HEX is the chain id's
 *   DIR/making/HEX                  held by whoever makes that layer
 *   DIR/tmp/NAME/                   a work area; its owner holds a lock on it
 *   DIR/partial/HEX                 the beginning of a blob whose download ended early
 *   DIR/refs/NAME                   a name -> the digest of a manifest
 *   DIR/leases/ID                   what uses an image (a container) -> the digest of its manifest
 *
 * Everything is made in a work area and renamed into its place when whole, so a crash at any
 * moment leaves a work area that nobody holds (swept later) or a thing that is whole. What a
 * name or a lease leads to is never swept. Layers are brought to the disk in the background:
 * until then their meta.json has the id of this boot, and after another boot such a layer counts as
 * absent.
 *
 * An open store holds its lock shared: open it for one piece of work, not for a container's
 * life (that is a lease). Functions may be called from several threads. */
#pragma once

#include "image/digest.h"
#include "image/image.h"
#include "image/reference.h"
#include "image/store_ids.h"

enum nvb_store_mode {
    NVB_STORE_READ = 1, /* an absent store is empty; a read-only disk is fine */
    NVB_STORE_WRITE,    /* made when absent */
};

struct nvb_store;

/* `dir` NULL: nvb_dir_dup_store(). Waits while somebody sweeps (milliseconds). */
bool nvb_store_open(const char *dir,
                    enum nvb_store_mode mode,
                    struct nvb_store **out,
                    struct nvb_err *err);

/* The same from a directory descriptor that is taken over, for whoever has locked the path away. */
bool nvb_store_open_fd(int take_fd,
                       enum nvb_store_mode mode,
                       struct nvb_store **out,
                       struct nvb_err *err);
void nvb_store_free(struct nvb_store *store);
NVB_DEFINE_AUTOPTR(nvb_store, nvb_store_free)

int nvb_store_fd(const struct nvb_store *store);                              /* borrowed */
const struct nvb_store_ids *nvb_store_get_ids(const struct nvb_store *store); /* borrowed */

struct nvb_work; /* a directory of our own, on the store's file system */

bool nvb_work_begin(const struct nvb_store *store, struct nvb_work **out, struct nvb_err *err);
int nvb_work_fd(const struct nvb_work *work); /* borrowed */
void nvb_work_free(struct nvb_work *work);    /* removes it with all that is still in it */
NVB_DEFINE_AUTOPTR(nvb_work, nvb_work_free)

bool nvb_store_has_blob(const struct nvb_store *store, const char *digest);

/* A manifest or configuration, its digest verified. *out_len may be NULL. */
bool nvb_store_read_blob(const struct nvb_store *store,
                         const char *digest,
                         char **out_text,
                         size_t *out_len,
                         struct nvb_err *err);
int nvb_store_open_blob(const struct nvb_store *store, const char *digest, struct nvb_err *err);

/* A small text under its digest, which goes to *out_digest (may be NULL); on the disk on return. */
bool nvb_store_add_blob(const struct nvb_store *store,
                        struct nvb_work *work,
                        const void *data,
                        size_t len,
                        char out_digest[NVB_DIGEST_SIZE],
                        struct nvb_err *err);

/* A file of the work area under a digest that the caller has verified. */
bool nvb_store_publish_blob(const struct nvb_store *store,
                            struct nvb_work *work,
                            const char *name,
                            const char *digest,
                            struct nvb_err *err);

/* Whole, and brought to the disk or unpacked since the machine started. */
bool nvb_store_has_layer(const struct nvb_store *store, const char *chain_id);

/* Its "diff" directory, or -1. */
int nvb_store_open_layer(const struct nvb_store *store, const char *chain_id, struct nvb_err *err);

/* What "diff" is in, or -1. */
int nvb_store_open_layer_dir(const struct nvb_store *store,
                             const char *chain_id,
                             struct nvb_err *err);

/* The same, and no sweep takes the layer away as long as the descriptor is open. */
int nvb_store_hold_layer(const struct nvb_store *store, const char *chain_id, struct nvb_err *err);

/* "layers/HEX/diff" below the store's directory; for whoever mounts by path. */
char *nvb_layer_dup_path(const char *chain_id);

/* A layer that is being made, by nobody else; an empty "diff" in the work area. */
struct nvb_layer_draft;

enum nvb_layer_turn {
    NVB_LAYER_MAKE = 1, /* *out is yours: fill it */
    NVB_LAYER_THERE,    /* somebody else has just made it */
    NVB_LAYER_BUSY,     /* somebody else makes it now: ask again later */
};

/* A failure is told by false; it never waits. */
bool nvb_layer_begin(const struct nvb_store *store,
                     struct nvb_work *work,
                     const char *chain_id,
                     enum nvb_layer_turn *out_turn,
                     struct nvb_layer_draft **out,
                     struct nvb_err *err);

/* The same for a layer whose chain id is known only when it is unpacked: first a draft, later its
 * name and the turn for it (NVB_LAYER_MAKE: publish it). */
bool nvb_layer_begin_unnamed(struct nvb_work *work,
                             struct nvb_layer_draft **out,
                             struct nvb_err *err);
bool nvb_layer_draft_name(const struct nvb_store *store,
                          struct nvb_layer_draft *draft,
                          const char *chain_id,
                          enum nvb_layer_turn *out_turn,
                          struct nvb_err *err);

int nvb_layer_draft_fd(const struct nvb_layer_draft *draft);     /* its "diff"; borrowed */
int nvb_layer_draft_dir_fd(const struct nvb_layer_draft *draft); /* what "diff" is in; borrowed */
void nvb_layer_draft_free(
    struct nvb_layer_draft *draft); /* lets go of it; what was published stays */
NVB_DEFINE_AUTOPTR(nvb_layer_draft, nvb_layer_draft_free)

struct nvb_layer_facts {
    char chain_id[NVB_DIGEST_SIZE];
    char diff_id[NVB_DIGEST_SIZE];
    char parent[NVB_DIGEST_SIZE]; /* chain id, "" for the lowest */
    uint64_t size_bytes;          /* of all regular files */
    uint64_t n_entries;
    bool is_synced;
};

/* Give it its place. It is not on the disk yet: nvb_store_sync(). */
bool nvb_layer_publish(const struct nvb_store *store,
                       struct nvb_layer_draft *draft,
                       const struct nvb_layer_facts *facts,
                       struct nvb_err *err);
bool nvb_layer_read_facts(const struct nvb_store *store,
                          const char *chain_id,
                          struct nvb_layer_facts *out,
                          struct nvb_err *err);

/* Bring everything to the disk (syncfs), then mark the layers that were there before. Takes as long
 * as the disk does, so it lets go of the lock meanwhile: nothing else may use `store`. */
bool nvb_store_sync(const struct nvb_store *store, struct nvb_err *err);

struct nvb_store_ref {
    char *name; /* owned; "docker.io/library/ubuntu:latest" */
    char digest[NVB_DIGEST_SIZE];
    int64_t set_s; /* when, seconds since 1970 */
};

struct nvb_store_refs {
    struct nvb_store_ref *items; /* owned; by name */
    size_t n;
};

/* Manifest and configuration must be there. Replaces what the name meant before. */
bool nvb_store_set_ref(const struct nvb_store *store,
                       const struct nvb_reference *name,
                       const char *digest,
                       struct nvb_err *err);
bool nvb_store_remove_ref(const struct nvb_store *store,
                          const struct nvb_reference *name,
                          struct nvb_err *err);
/* NVB_E_NOT_FOUND when there is none; out->name is yours. */
bool nvb_store_get_ref(const struct nvb_store *store,
                       const struct nvb_reference *name,
                       struct nvb_store_ref *out,
                       struct nvb_err *err);
bool nvb_store_list_refs(const struct nvb_store *store,
                         struct nvb_store_refs *out,
                         struct nvb_err *err);
void nvb_store_refs_clear(struct nvb_store_refs *refs);
#define nvb_auto_refs __attribute__((cleanup(nvb_store_refs_clear))) struct nvb_store_refs

/* `id`: letters, digits, "-", "_" and "." */
bool nvb_store_add_lease(const struct nvb_store *store,
                         const char *id,
                         const char *digest,
                         struct nvb_err *err);
bool nvb_store_remove_lease(const struct nvb_store *store, const char *id, struct nvb_err *err);
bool nvb_store_list_leases(const struct nvb_store *store,
                           struct nvb_store_refs *out,
                           struct nvb_err *err);

/* By name ("ubuntu", "ubuntu@sha256:..."), or by at least 4 digits of its id or digest.
 * NVB_E_NOT_FOUND when it is not here. */
bool nvb_store_find(const struct nvb_store *store,
                    const char *name_or_id,
                    char out_digest[NVB_DIGEST_SIZE],
                    struct nvb_err *err);

/* Manifest and configuration, verified. Whether the layers are there is another question. */
bool nvb_store_read_image(const struct nvb_store *store,
                          const char *digest,
                          struct nvb_image **out,
                          struct nvb_err *err);

/* Every layer is there; the error names the first that is not and what to do. */
bool nvb_store_check_layers(const struct nvb_store *store,
                            const struct nvb_image *image,
                            struct nvb_err *err);
