/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* edits.h - what a container needs added to use a device: the container edits of the
 * Container Device Interface (CDI specification 1.1.0, section "containerEdits").
 *
 * Plain data; who applies them is lib/oci (to a config.json) or lib/run (bolt). Everything of
 * CDI has its place, so that a foreign specification passes through unharmed; of our own we
 * write no hooks: nothing of ours runs for an image. */
#pragma once

#include "base/json.h"
#include "base/text.h"

struct nvb_device_node {
    char *path;        /* owned; in the container */
    char *host_path;   /* owned; NULL when the same */
    char *type;        /* owned; "b", "c", "u" or "p"; NULL: what the host's node is */
    char *permissions; /* owned; of the cgroup rule: "rw", "none"; NULL means "rwm" */
    uint32_t major;    /* 0: what the host's node has, minor included */
    uint32_t minor;
    bool has_mode;
    bool has_uid;
    bool has_gid;
    uint32_t mode; /* permission bits */
    uint32_t uid;
    uint32_t gid;
};

enum nvb_mount_kind {
    NVB_MOUNT_BIND = 1, /* host_path over container_path */
    NVB_MOUNT_FILE,     /* a new file with `content` (type "nvbind-file" in JSON) */
    NVB_MOUNT_LINK,     /* a symbolic link to `host_path` (type "nvbind-link" in JSON) */
    NVB_MOUNT_FS,       /* a file system of `type`, only from a specification read */
};

struct nvb_mount {
    enum nvb_mount_kind kind;
    char *host_path;         /* owned; NVB_MOUNT_BIND and _FS; _LINK: its text */
    char *container_path;    /* owned */
    char *type;              /* owned; as the specification has it, mostly NULL */
    bool is_foreign;         /* read from a specification: the options are just these */
    struct nvb_strv options; /* if foreign; else they are made from the claims below */
    bool is_writable;        /* default read-only */
    bool is_recursive;       /* bind what is mounted below, too */
    bool is_noexec;          /* nothing below can be executed */
    bool is_mapped;          /* give the files to the container's user by an idmapped mount */
    bool is_made;            /* make host_path, a directory of ours, when it is absent */
    bool is_layered;         /* stands ready in the layer that comes with the edits, too */
    struct nvb_buf content;  /* NVB_MOUNT_FILE */
    unsigned mode;           /* NVB_MOUNT_FILE: permission bits, 0 = 0644 */
};

struct nvb_net_device {
    char *host_name; /* owned */
    char *name;      /* owned; in the container */
};

struct nvb_hook {
    char *name; /* owned; "createContainer", ... */
    char *path; /* owned */
    struct nvb_strv args;
    struct nvb_strv env;
    bool has_timeout;
    uint32_t timeout; /* seconds */
};

struct nvb_intel_rdt {
    char *clos_id;         /* owned; this and the next two may be NULL */
    char *l3_cache_schema; /* owned */
    char *mem_bw_schema;   /* owned */
    struct nvb_strv schemata;
    bool has_monitoring;
};

struct nvb_edits {
    struct nvb_strv env; /* "NAME=value" */
    struct nvb_device_node *nodes;
    size_t n_nodes;
    struct nvb_net_device *net_devices;
    size_t n_net_devices;
    struct nvb_hook *hooks;
    size_t n_hooks;
    struct nvb_mount *mounts;
    size_t n_mounts;
    struct nvb_intel_rdt *intel_rdt; /* owned; NULL when none */
    uint32_t *gids;                  /* owned; more groups for the process */
    size_t n_gids;
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
struct nvb_mount *
nvb_edits_add_link(struct nvb_edits *edits, const char *container_path, const char *text);
void nvb_edits_add_gid(struct nvb_edits *edits, uint32_t gid); /* once, 0 never */

/* Add copies of all that `from` has and `to` has not; a node of a path that `to` has takes its
 * place, and so does Intel's RDT. */
void nvb_edits_append(struct nvb_edits *to, const struct nvb_edits *from);

/* Of the same entries keep the first; sort nodes and mounts by the depth of their path in the
 * container, then its bytes, and the groups by number. The others keep their order. */
void nvb_edits_normalise(struct nvb_edits *edits);

/* Remove what `common` has, unless nothing would be left. */
void nvb_edits_subtract(struct nvb_edits *edits, const struct nvb_edits *common);

bool nvb_edits_is_empty(const struct nvb_edits *edits);
void nvb_edits_clear(struct nvb_edits *edits);
#define nvb_auto_edits __attribute__((cleanup(nvb_edits_clear))) struct nvb_edits

/* The options a mount has in CDI and OCI. */
void nvb_mount_copy_options(const struct nvb_mount *mount, struct nvb_strv *out_options);

/* The JSON object of CDI's containerEdits; what is empty is left out. Contents of files are given
 * as their size only: they may be secrets. */
struct nvb_json *nvb_edits_to_json(const struct nvb_edits *edits);
struct nvb_json *nvb_intel_rdt_to_json(const struct nvb_intel_rdt *rdt); /* OCI has the same */
