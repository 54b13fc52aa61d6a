/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_write.h - a specification of ours brought to its file, and before it the driver view that it
 * mounts: whoever reads the file finds the view. */
#pragma once

#include "resolve/cdi_view.h"

struct nvb_cdi_file_text {
    const char *path; /* of the specification; the other is PATH.nvbind */
    const char *spec;
    const char *told; /* how it was asked for */
};

/* Views of drivers that are neither the running one nor named by any specification are swept from
 * the store afterwards. */
bool nvb_cdi_write(const struct nvb_host *host,
                   const struct nvb_cdi_file_text *file,
                   const struct nvb_cdi_view *view,
                   struct nvb_err *err);

/* What is wrong with the contents of a view at "DIR/NAME", one line each; every file is read. */
void nvb_cdi_view_check(const char *path, struct nvb_strv *out_faults);

/* Where changed contents were found: make it anew. False when it is in use or cannot be made. */
bool nvb_cdi_view_replace(const struct nvb_host *host,
                          const struct nvb_cdi_view *view,
                          struct nvb_err *err);
