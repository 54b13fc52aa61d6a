/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* container.h - a container as plain data: our typed form of an OCI runtime configuration.
 *
 * `image` fills the root, `oci` the rest from the plan; `run` carries it out. Nothing here
 * points at a live thing, so the whole can be printed, compared and tested. */
#pragma once

#include "cdi/edits.h"
#include "host/id_map.h"
#include "nvbind/profile.h"
#include "nvbind/request.h"

/* One step of building the root, carried out in order. Paths are inside the new root. */
enum nvb_root_kind {
    NVB_ROOT_DIR = 1, /* a directory with `mode`; empty unless it is the image's */
    NVB_ROOT_LINK,    /* a symbolic link to `source` */
    NVB_ROOT_OVERLAY, /* the host's `source`, read-only, below a writable layer; or `lowers` */
    NVB_ROOT_BIND,    /* the host's `source`, read-only, with what is mounted below it */
    NVB_ROOT_FILE,    /* a file with `content` and `mode`, in the writable layer */
    NVB_ROOT_HIDE,    /* a path of an overlay that must not be seen: a whiteout in its layer */
};

struct nvb_root_step {
    enum nvb_root_kind kind;
    char *path;    /* owned */
    char *source;  /* owned; OVERLAY, BIND: path on the host; LINK: the link's text */
    char *content; /* owned; FILE */
    unsigned mode;
    bool has_layer;  /* OVERLAY: the container's `layer` has something to lie upon `source` */
    bool is_layered; /* DIR: in the writable layer, whatever the image has at that path */
    bool is_users;   /* DIR: belongs to the container's user, else to uid:gid */
    bool is_kept;    /* DIR in "/": stays with the container, where that has a place to stay */
    unsigned uid;
    unsigned gid;
};

struct nvb_limits {
    uint64_t memory_bytes; /* 0 = none */
    uint64_t cpu_millis;   /* thousandths of a CPU; 0 = none */
    uint64_t n_pids;       /* 0 = none */
};

/* What the `strict` filter lets pass although it refuses it otherwise: what a whole system with
 * its own root needs. */
enum nvb_opening {
    NVB_OPEN_SETUID_FILES = 1 << 0, /* chmod u+s */
    NVB_OPEN_CHROOT = 1 << 1,
    NVB_OPEN_PTRACE = 1 << 2,
    NVB_OPEN_MOUNTS = 1 << 3,    /* and namespaces */
    NVB_OPEN_PLACEMENT = 1 << 4, /* of memory on NUMA nodes */
};

/* What the container's commands are when the user did not say anything. */
struct nvb_container_base {
    struct nvb_strv env;
    struct nvb_strv args;
    char *cwd;  /* owned */
    char *home; /* owned */
    unsigned uid;
    unsigned gid;
};

void nvb_container_base_clear(struct nvb_container_base *base);

struct nvb_container {
    char *id;       /* owned; 12 hex digits */
    char *image;    /* owned; as the user wrote it */
    char *hostname; /* owned */

    struct nvb_strv args;
    struct nvb_strv env;
    char *cwd;    /* owned */
    char *home;   /* owned; in the container */
    unsigned uid; /* in the container */
    unsigned gid;
    struct nvb_id_map map; /* whose ids stand behind these; without any the engine chooses */
    unsigned *groups;      /* owned; supplementary ones */
    size_t n_groups;
    uint64_t capabilities; /* bits; what the namespace's root has, and nobody can get more */
    uint64_t ambient;      /* of these: what another user keeps */
    unsigned openings;     /* enum nvb_opening */
    unsigned stop_signal;  /* 0 = SIGTERM */
    bool has_tty;
    bool is_interactive;

    struct nvb_root_step *steps; /* owned */
    size_t n_steps;
    char *layer;            /* owned; host directory with a tree like the root's; NULL: none */
    struct nvb_strv lowers; /* host paths below the overlay without a source, uppermost first */
    struct nvb_id_map lower_ids; /* how to show their files' ids (`outside`); empty: as they are */
    char *kept;        /* owned; host directory in which what it writes stays; NULL: memory */
    bool is_read_only; /* the root cannot be written, but for: */
    struct nvb_strv writable; /* directories; what is not there stays so */
    char *foreign_hint;       /* owned; for a command that was made for another processor */
    struct nvb_edits edits;   /* device nodes, mounts and files on top of the root */

    enum nvb_network network;
    char *joined;           /* owned; a network of containers; NULL = none */
    struct nvb_strv names;  /* by which the others in that find this one */
    struct nvb_port *ports; /* owned */
    size_t n_ports;
    enum nvb_sandbox_profile sandbox;
    struct nvb_strv masked_paths;   /* replaced by nothing */
    struct nvb_strv readonly_paths; /* of /proc */
    uint64_t nofile;                /* RLIMIT_NOFILE hard limit wished; 0 = the caller's */
    struct nvb_limits limits;
    bool has_frame_ring; /* make NVB_RING_PATH and collect frame times */
    bool is_detached;    /* lives on without the process that started it */
};

struct nvb_plan;

/* Everything but the root; of image `host`. */
struct nvb_container *nvb_container_new(const struct nvb_plan *plan);
/* The same of any image. */
struct nvb_container *nvb_container_new_on(const struct nvb_plan *plan,
                                           const struct nvb_container_base *base);
void nvb_container_free(struct nvb_container *container);
NVB_DEFINE_AUTOPTR(nvb_container, nvb_container_free)

/* Append a step; `source` and `content` may be NULL. The result is good until the next call. */
struct nvb_root_step *nvb_container_add_step(struct nvb_container *container,
                                             enum nvb_root_kind kind,
                                             const char *path,
                                             const char *source,
                                             const char *content,
                                             unsigned mode);

/* When the root is composed: lay `layer`, a host directory with what stands in the layered edits,
 * upon the parts that it has something for. */
void nvb_container_add_layer(struct nvb_container *container, const char *layer);

/* OCI runtime specification 1.0.2 config.json; `host_uid` and `host_gid` are the ids behind the
 * container's user. Values of environment variables are shown: it is the user's own container. */
struct nvb_json *nvb_container_to_oci_json(const struct nvb_container *container,
                                           unsigned host_uid,
                                           unsigned host_gid);
