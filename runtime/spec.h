/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* spec.h - a bundle's config.json, read and checked: what a container shall be.
 *
 * Strings are borrowed from `json`, which the spec owns. What is not known here is passed over, as
 * the runtime specification wants; what is known and of a wrong type or value is refused, and what
 * this runtime cannot do is told by spec_find_unusual(). */
#pragma once

#include <sys/resource.h>

#include "base/json.h"
#include "field.h"
#include "mount_option.h"

enum spec_namespace_kind {
    SPEC_USER,
    SPEC_PID,
    SPEC_IPC,
    SPEC_UTS,
    SPEC_NETWORK,
    SPEC_MOUNT,
    SPEC_CGROUP,
    SPEC_TIME,
    SPEC_NAMESPACES,
};

struct spec_namespace {
    bool is_listed;   /* else the runtime's own is kept */
    const char *path; /* of one to join; NULL: a new one */
};

/* What the kernel and the config call a namespace. */
struct spec_namespace_name {
    const char *name; /* in config.json */
    const char *file; /* in /proc/PID/ns */
    int flag;         /* CLONE_NEW... */
};
extern const struct spec_namespace_name spec_namespace_names[SPEC_NAMESPACES];

struct spec_id_map {
    uint32_t inside;
    uint32_t outside;
    uint32_t count;
};

struct spec_mount {
    const char *destination;
    const char *type;   /* NULL: a bind, when the options say so */
    const char *source; /* may be NULL */
    struct mount_options options;
    bool has_maps;
};

struct spec_device {
    const char *path;
    char type; /* 'c', 'b', 'p' */
    uint32_t major;
    uint32_t minor;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
};

struct spec_rlimit {
    int resource;
    struct rlimit limit;
};

enum spec_cap_set {
    SPEC_BOUNDING,
    SPEC_EFFECTIVE,
    SPEC_INHERITABLE,
    SPEC_PERMITTED,
    SPEC_AMBIENT,
    SPEC_CAP_SETS,
};

struct spec_process {
    bool is_there;
    bool has_terminal;
    uint16_t n_rows; /* 0: not said */
    uint16_t n_columns;
    uint32_t uid;
    uint32_t gid;
    uint32_t umask;
    bool has_umask;
    uint32_t *gids; /* owned */
    size_t n_gids;
    struct nvb_strv args;
    struct nvb_strv env;
    const char *cwd;
    bool has_capabilities;
    uint64_t capabilities[SPEC_CAP_SETS];
    struct spec_rlimit *rlimits; /* owned */
    size_t n_rlimits;
    bool no_new_privileges;
    const char *apparmor; /* NULL: none */
    const char *selinux;
    bool has_oom_score;
    int64_t oom_score;
};

struct spec_hook {
    const char *path;
    struct nvb_strv args;
    struct nvb_strv env;
    uint32_t timeout_s; /* 0: none */
};

/* In the order in which they run. */
enum spec_hook_moment {
    SPEC_PRESTART,
    SPEC_CREATE_RUNTIME,
    SPEC_CREATE_CONTAINER,
    SPEC_START_CONTAINER,
    SPEC_POSTSTART,
    SPEC_POSTSTOP,
    SPEC_HOOK_MOMENTS,
};

extern const char *const spec_hook_names[SPEC_HOOK_MOMENTS];

struct spec_hooks {
    struct spec_hook *items; /* owned */
    size_t n;
};

struct spec {
    struct nvb_json *json; /* owned */
    const char *version;
    const char *root_path;
    bool root_is_ro;
    const char *hostname;
    const char *domainname;
    struct spec_process process;
    struct spec_mount *mounts; /* owned */
    size_t n_mounts;
    struct spec_hooks hooks[SPEC_HOOK_MOMENTS];
    const struct nvb_json *annotations; /* borrowed; NULL: none */

    struct spec_namespace namespaces[SPEC_NAMESPACES];
    struct spec_id_map *uid_maps; /* owned */
    size_t n_uid_maps;
    struct spec_id_map *gid_maps; /* owned */
    size_t n_gid_maps;
    struct spec_device *devices; /* owned */
    size_t n_devices;
    const char *cgroups_path;       /* NULL: not said */
    struct field_of resources;      /* `object` is NULL when there are none */
    const struct nvb_json *sysctl;  /* borrowed; NULL: none */
    const struct nvb_json *seccomp; /* borrowed; NULL: none */
    struct nvb_strv masked_paths;
    struct nvb_strv readonly_paths;
    const char *mount_label;
    unsigned long root_propagation; /* MS_SHARED and its kin; 0: not said */
};

/* `text` is the config. */
bool spec_parse(const char *text, size_t len, struct spec **out_spec, struct nvb_err *err);

/* A config that is read already, as edits have left it. */
bool spec_read(struct nvb_json *take_json, struct spec **out_spec, struct nvb_err *err);
void spec_free(struct spec *spec);
NVB_DEFINE_AUTOPTR(spec, spec_free)

/* What this runtime cannot do for the spec, in words ("'linux.intelRdt'"); NULL: nothing. */
const char *spec_find_unusual(const struct spec *spec);

/* A process alone, as "exec" gets it. */
bool spec_process_read(struct field_of of, struct spec_process *out, struct nvb_err *err);
void spec_process_clear(struct spec_process *process);

bool spec_linux_read(struct field_of of, struct spec *spec, struct nvb_err *err);
