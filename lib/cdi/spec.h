/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* spec.h - a CDI specification: devices of one kind and the edits that make them usable.
 *
 * Format: Container Device Interface specification 0.3.0 to 1.1.0 (SPEC.md). Reading is strict as
 * in the public library: unknown fields, versions lower than the features used, duplicate or
 * malformed names are errors with file and line. Writing uses the lowest version that fits. */
#pragma once

#include "cdi/edits.h"

struct nvb_cdi_device {
    char *name;                   /* owned; "0", "GPU-...", "0:1", "all" */
    struct nvb_json *annotations; /* owned; object or NULL */
    struct nvb_edits edits;
};

struct nvb_cdi_spec {
    char *version; /* owned; "0.5.0"; NULL = the lowest that fits, filled in when written */
    char *kind;    /* owned; "nvidia.com/gpu" */
    struct nvb_json *annotations;   /* owned; object or NULL */
    struct nvb_cdi_device *devices; /* owned */
    size_t n_devices;
    struct nvb_edits edits; /* common to all devices */
};

/* The result is good until the next call. */
struct nvb_cdi_device *nvb_cdi_spec_add_device(struct nvb_cdi_spec *spec, const char *name);
const struct nvb_cdi_device *nvb_cdi_spec_find_device(const struct nvb_cdi_spec *spec,
                                                      const char *name);
void nvb_cdi_spec_free(struct nvb_cdi_spec *spec);
NVB_DEFINE_AUTOPTR(nvb_cdi_spec, nvb_cdi_spec_free)

/* JSON or YAML, told apart by the text; `name` is what errors call it. At most 16 MiB, 64 levels
 * and a million values, of which aliases make at most 65536. The error has the first fault. */
bool nvb_cdi_spec_parse(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_cdi_spec **out_spec,
                        struct nvb_err *err);

/* Every fault, not only the first: "FILE:LINE: what", in order. True when there is none. */
bool nvb_cdi_spec_validate(const char *text,
                           size_t len,
                           const char *name,
                           struct nvb_strv *out_faults);

/* The lowest version whose features the spec needs; *out_why, which may be NULL, is the feature.
 * Both are static strings. */
const char *nvb_cdi_spec_lowest_version(const struct nvb_cdi_spec *spec);
const char *nvb_cdi_spec_explain_version(const struct nvb_cdi_spec *spec, const char **out_why);

/* "0.3.0" to "1.1.0" are 0 to 7, with or without a "v" in front; -1 when there is no such. */
int nvb_cdi_version_rank(const char *version);

/* Dedupe, remove from devices what the common edits have, sort as NVIDIA's tool does (nodes and
 * mounts by depth then bytes, devices by name), add the merged device "all". */
void nvb_cdi_spec_normalise(struct nvb_cdi_spec *spec, bool with_all);

/* Writing. Files that exist only as content (NVB_MOUNT_FILE) have no place in a specification:
 * who makes one must not leave any. JSON is one line without a line end, as NVIDIA's tool writes
 * it; for another layout print the tree. */
struct nvb_json *nvb_cdi_spec_to_json(const struct nvb_cdi_spec *spec);
char *nvb_cdi_spec_dup_json(const struct nvb_cdi_spec *spec);
char *nvb_cdi_spec_dup_yaml(const struct nvb_cdi_spec *spec);
