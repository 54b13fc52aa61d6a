/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* export.h - an image, its root or a part of it, out of the store: as an archive or as files.
 *
 * nvbind-fetch does the work (image/fetcher.h): one reads the store with the ids of its files, another
 * writes the files, each locked away from what the other sees. */
#pragma once

#include "image/fetcher.h"

enum nvb_export_form {
    NVB_EXPORT_ROOT = 1, /* the files that a container would see */
    NVB_EXPORT_PATH,     /* some of them */
    NVB_EXPORT_OCI,      /* an OCI layout */
    NVB_EXPORT_DOCKER,   /* what docker saves: a layout, too */
};

struct nvb_export {
    const char *image; /* borrowed, as all here; a name or id */
    const char *upper; /* a directory that lies upon its layers, of root or path; or NULL */
    enum nvb_export_form form;
    const char *path; /* of NVB_EXPORT_PATH */
    const char *as;   /* what it is called outside; "": what is in the directory `path` */
    bool follows;     /* a link at the path's end is not meant itself */
};

/* A tar archive, written to `fd`. */
bool nvb_image_export(const struct nvb_export *what, int fd, struct nvb_err *err);

/* Into a directory that is there. With owners the files get those of the image, as far as the caller
 * may give them; else they are the caller's, and nothing is setuid. What was written stays there
 * after a failure. *out_notes: what was left out. */
bool nvb_image_export_files(const struct nvb_export *what,
                            const char *directory,
                            bool has_owners,
                            struct nvb_strv *out_notes,
                            struct nvb_err *err);
