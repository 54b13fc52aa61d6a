/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* registry.h - the specifications of some directories, merged as container engines merge them.
 *
 * Files that end in ".json" or ".yaml" are read, in the order of their names; other files and
 * directories inside are not. A later directory wins over an earlier one. Two files of one
 * directory that define the same device make it unresolvable, and that stays so even when a
 * later directory has it, since the public library does it like this.
 *
 * Nothing is read outside of the root; what is hostile or broken becomes a problem of its file
 * and hides no other. */
#pragma once

#include <sys/types.h>

#include "cdi/spec.h"

/* Who may change something. */
struct nvb_cdi_keeper {
    uid_t uid;
    mode_t mode;
};

struct nvb_cdi_file {
    char *path; /* owned; inside the root, "/etc/cdi/nvidia.yaml", printable */
    unsigned priority;
    struct nvb_cdi_spec *spec; /* owned; NULL when it cannot be used */
    struct nvb_strv problems;
    struct nvb_cdi_keeper file; /* of the very file that was read */
    struct nvb_cdi_keeper dir;
};

enum nvb_cdi_state {
    NVB_CDI_GOOD = 1,
    NVB_CDI_SHADOWED, /* a later directory has it, too */
    NVB_CDI_CONFLICT, /* two files of one directory have it: nobody can use it */
};

struct nvb_cdi_entry {
    char *name;                          /* owned; "nvidia.com/gpu=0" */
    const struct nvb_cdi_file *file;     /* borrowed */
    const struct nvb_cdi_device *device; /* borrowed */
    enum nvb_cdi_state state;
};

struct nvb_cdi_registry {
    struct nvb_cdi_file **files; /* owned */
    size_t n_files;
    struct nvb_cdi_entry *entries; /* owned; by name, then in the order of reading */
    size_t n_entries;
};

/* "/etc/cdi" and "/run/cdi", which /var/run/cdi is, too. */
extern const char *const nvb_cdi_default_dirs[];

/* `dirs` is NULL-terminated, each inside of root_fd; one that is absent, or the same as one
 * before, is passed over. Fails only when a directory that is there cannot be listed. */
bool nvb_cdi_registry_load(int root_fd,
                           const char *const *dirs,
                           struct nvb_cdi_registry **out_registry,
                           struct nvb_err *err);
void nvb_cdi_registry_free(struct nvb_cdi_registry *registry);
NVB_DEFINE_AUTOPTR(nvb_cdi_registry, nvb_cdi_registry_free)

/* May what the file says be acted upon for `user`: it and its directory are root's or that user's,
 * and nobody else can write to them. NVB_E_DENIED with the command that mends it. */
bool nvb_cdi_file_check_trust(const struct nvb_cdi_file *file, uid_t user, struct nvb_err *err);

/* The entry that a container of this name gets: NVB_E_NOT_FOUND when no file has it, with what
 * there is as the hint, NVB_E_CONFLICT when two have. */
bool nvb_cdi_registry_find(const struct nvb_cdi_registry *registry,
                           const char *name,
                           const struct nvb_cdi_entry **out_entry,
                           struct nvb_err *err);

/* Is there a device of this kind, "nvidia.com/gpu", usable or not? */
bool nvb_cdi_registry_has_kind(const struct nvb_cdi_registry *registry, const char *kind);

/* Append to `out_edits` what the named devices need, the common edits of each file once. Nothing
 * is appended when a name cannot be resolved; the error then tells all of those. */
bool nvb_cdi_registry_resolve(const struct nvb_cdi_registry *registry,
                              const struct nvb_strv *names,
                              struct nvb_edits *out_edits,
                              struct nvb_err *err);
