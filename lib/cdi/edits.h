/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* edits.h - what a container needs added to use a device: the container edits of the
 * Container Device Interface (CDI specification 0.5.0, section "containerEdits").
 *
 * Plain data; who applies them is lib/oci. No hooks: nothing of ours runs for an image. */
#pragma once

#include "base/json.h"
#include "base/text.h"

struct nvb_device_node {
    char *path;        /* owned; in the container */
    char *host_path;   /* owned; NULL when the same */
    char *permissions; /* owned; "rw" */
};

enum nvb_mount_kind {
    NVB_MOUNT_BIND = 1, /* host_path over container_path */
    NVB_MOUNT_FILE,     /* a new file with `content` (type "nvbind-file" in JSON) */
    NVB_MOUNT_LINK,     /* a symbolic link to `host_path` (type "nvbind-link" in JSON) */
};

struct nvb_mount {
    enum nvb_mount_kind kind;
    char *host_path;        /* owned; NVB_MOUNT_BIND; NVB_MOUNT_LINK: its text */
    char *container_path;   /* owned */
    bool is_writable;       /* default read-only */
    bool is_recursive;      /* bind what is mounted below, too */
    bool is_mapped;         /* give the files to the container's user by an idmapped mount */
    bool is_made;           /* make host_path, a directory of ours, when it is absent */
    struct nvb_buf content; /* NVB_MOUNT_FILE */
    unsigned mode;          /* NVB_MOUNT_FILE: permission bits, 0 = 0644 */
};

struct nvb_edits {
    struct nvb_strv env; /* "NAME=value" */
    struct nvb_device_node *nodes;
    size_t n_nodes;
    struct nvb_mount *mounts;
    size_t n_mounts;
};

/* A node that is there already is not added twice. */
void nvb_edits_add_node(struct nvb_edits *edits, const char *path);
struct nvb_mount *nvb_edits_add_bind(struct nvb_edits *edits,
                                     const char *host_path,
                                     const char *container_path); /* read-only until changed */
void nvb_edits_add_file(struct nvb_edits *edits,
                        const char *container_path,
                        const void *data,
                        size_t len,
                        unsigned mode);
void nvb_edits_add_link(struct nvb_edits *edits, const char *container_path, const char *text);
void nvb_edits_clear(struct nvb_edits *edits);
#define nvb_auto_edits __attribute__((cleanup(nvb_edits_clear))) struct nvb_edits

/* The JSON object of CDI's containerEdits. Contents of files are given as their size only:
 * they may be secrets. */
struct nvb_json *nvb_edits_to_json(const struct nvb_edits *edits);
