/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_view.h - the prepared driver view: one directory that holds everything of one driver
 * version a container needs, ready to be mounted in one step.
 *
 * What NVIDIA's toolkit leaves to hooks is data here: links stand ready, ICDs name bare sonames,
 * GBM and VDPAU are where programs look, a ld.so.cache with the driver's entries is made by us.
 * Layout below the view (mounted at NVB_VIEW_PATH in the container):
 *   lib64/ lib32/            libraries under their own names, links for sonames beside them
 *   lib64/{vdpau,gbm}/ lib64/nvidia/wine/   plugins, Proton's DLSS DLLs
 *   bin/                     nvidia-smi and its kin
 *   vulkan/icd.d/ vulkan/implicit_layer.d/ egl_vendor.d/ egl_external_platform.d/ OpenCL/
 *   share/nvidia/ firmware/ xorg/
 *   params                   /proc/driver/nvidia/params with ModifyDeviceFiles: 0
 *   ld.so.cache ld.so.conf   the driver's libraries alone, with their paths in the container
 *   places                   where programs look for what is not found through ld.so.cache
 *   manifest.json            every file: source, size, mtime, checksum; written last
 * A view's name is <version>-<capabilities>-<hash of what it holds>. It is made in a temporary
 * directory, synced, renamed into place and never changed (lib/run/driver_store.h). */
#pragma once

#include "host/driver_files.h"
#include "host/ldcache.h"

#define NVB_VIEW_PATH     "/usr/lib/nvbind/driver"
#define NVB_VIEW_MANIFEST "manifest.json"
#define NVB_VIEW_PARAMS   "/proc/driver/nvidia/params"

/* One thing that a view holds. */
enum nvb_view_entry_kind {
    NVB_VIEW_FILE = 1, /* from host_path */
    NVB_VIEW_LINK,     /* a relative symbolic link to `text` */
    NVB_VIEW_TEXT,     /* a small file with `text` */
};

struct nvb_view_entry {
    enum nvb_view_entry_kind kind;
    char *path;      /* owned; relative to the view: "lib64/libcuda.so.1" */
    char *host_path; /* owned; FILE: inside the host root */
    char *text;      /* owned; LINK, TEXT */
    size_t text_len; /* TEXT may hold NULs (ld.so.cache) */
    unsigned mode;   /* 0444 or 0555 */
};

struct nvb_view_plan {
    char *name;                   /* owned; the view's directory name */
    char *version;                /* owned */
    struct nvb_view_entry *items; /* owned; sorted by path, each path once */
    size_t n;
    unsigned dir_mode;       /* of its directories; 0 = 0555 */
    struct nvb_strv sockets; /* host paths of daemons' sockets; not in the view, the same inside */
    struct nvb_strv notes;   /* what was left out and why */
};

/* Which entries a view for these files and capabilities (enum nvb_driver_capability bits) has.
 * Of the host only the manifests and NVB_VIEW_PARAMS are read; nothing is changed. */
bool nvb_view_plan_make(const struct nvb_driver_files *files,
                        const struct nvb_host *host,
                        unsigned capabilities,
                        struct nvb_view_plan *out,
                        struct nvb_err *err);
void nvb_view_plan_clear(struct nvb_view_plan *plan);

/* Append an entry; the first of two claims to a path wins. */
void nvb_view_plan_add_text(struct nvb_view_plan *plan,
                            char *take_path,
                            const char *text,
                            size_t len);
void nvb_view_plan_add_link(struct nvb_view_plan *plan, char *take_path, const char *text);

/* When all is in: sort it and name it "VERSION-WORD-HASH". */
void nvb_view_plan_finish(struct nvb_view_plan *plan, const char *word);

/* The entry at `path`, or NULL. */
const struct nvb_view_entry *nvb_view_plan_find(const struct nvb_view_plan *plan, const char *path);

/* The ld.so.cache of an image and that of a view together: the driver's libraries win. `image`
 * may be empty. Appends to `out`. */
bool nvb_view_merge_ldcache(const void *driver_cache,
                            size_t len,
                            const struct nvb_ldcache *image,
                            struct nvb_buf *out,
                            struct nvb_err *err);

/* The text of NVB_VIEW_PARAMS that keeps NVML in a container from making device nodes. */
char *nvb_view_dup_params(const char *text);
