/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_recipe.h - how a specification of ours was asked for, and the machine it was made on.
 *
 * Kept as a small JSON file beside the specification (FILE.nvbind; engines read only .json and
 * .yaml), so that `cdi check` can tell what is stale and `cdi refresh` can make it anew. */
#pragma once

#include "cdi/spec.h"
#include "host/host.h"
#include "resolve/cdi_view.h"

/* The words of `cdi generate`; NULL and empty mean the default. All owned. */
struct nvb_cdi_recipe {
    char *profile;
    char *vendor;
    char *capabilities;
    char *version;
    struct nvb_strv strategies; /* "index" "uuid" "type-index" */
    bool has_no_all;
    bool has_no_nvml;         /* ask the kernel alone */
    bool has_view;            /* one mount of a driver view instead of the driver's files */
    bool has_no_library_path; /* with it: leave LD_LIBRARY_PATH to the image */
    bool is_yaml;
};

/* What changes under a specification's feet. All owned; NULL = unknown. */
struct nvb_cdi_stamp {
    char *driver_version; /* of the running kernel module */
    char *boot_id;
    char *majors;       /* "nvidia 195, nvidia-caps 238, nvidia-uvm 511": /proc/devices */
    char *mig;          /* "GPU-...: gi1/ci0, gi2/ci0" of every GPU in MIG mode */
    char *nvml_silence; /* why NVML, that was to be asked, did not answer; never written down */
};

void nvb_cdi_recipe_clear(struct nvb_cdi_recipe *recipe);
void nvb_cdi_stamp_clear(struct nvb_cdi_stamp *stamp);
#define nvb_auto_cdi_recipe __attribute__((cleanup(nvb_cdi_recipe_clear))) struct nvb_cdi_recipe
#define nvb_auto_cdi_stamp  __attribute__((cleanup(nvb_cdi_stamp_clear))) struct nvb_cdi_stamp

/* What a recipe makes on a machine. All owned. */
struct nvb_cdi_made {
    struct nvb_cdi_spec *spec;
    struct nvb_cdi_stamp stamp;
    struct nvb_cdi_view view; /* that it mounts, and which must be there first; else no name */
    struct nvb_strv notes;    /* what was left out and why; of a failure, too */
};

void nvb_cdi_made_clear(struct nvb_cdi_made *made);
#define nvb_auto_cdi_made __attribute__((cleanup(nvb_cdi_made_clear))) struct nvb_cdi_made

/* host > GPUs, driver files > specification. NVML is asked for UUIDs of MIG devices and for
 * lost GPUs. */
bool nvb_cdi_recipe_follow(const struct nvb_cdi_recipe *recipe,
                           const struct nvb_host *host,
                           struct nvb_cdi_made *out,
                           struct nvb_err *err);

/* The specification as text, in the recipe's format; the caller frees. */
char *nvb_cdi_recipe_dup_text(const struct nvb_cdi_recipe *recipe, const struct nvb_cdi_spec *spec);

/* The file beside the specification. */
char *nvb_cdi_recipe_to_json_text(const struct nvb_cdi_recipe *recipe,
                                  const struct nvb_cdi_stamp *stamp);
bool nvb_cdi_recipe_parse(const char *text,
                          size_t len,
                          const char *name,
                          struct nvb_cdi_recipe *out_recipe,
                          struct nvb_cdi_stamp *out_stamp,
                          struct nvb_err *err);

/* One sentence for each difference, in words; nothing when the stamps agree. Another boot alone is
 * no difference: our specifications hold no device number. */
void nvb_cdi_stamp_compare(const struct nvb_cdi_stamp *then,
                           const struct nvb_cdi_stamp *now,
                           struct nvb_strv *out_reasons);
