/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull_display.h - pulling an image while somebody looks on: on a terminal a few lines that are drawn
 * over again, elsewhere a line for each layer. All of it is talk and goes to stderr. */
#pragma once

#include "image/pull.h"

struct pull_options {
    const char *platform; /* borrowed; NULL = this machine's */
    bool is_quiet;        /* say nothing but an error */
};

/* nvb_image_pull() with such a display. On ^C the pull ends, and *out_is_stopped says so (then
 * there is no need to tell the error). `out_notes` (may be NULL) gets what is to be known about the
 * image; without it, it is printed. */
bool pull_with_display(const char *name,
                       const struct pull_options *options,
                       struct nvb_pull_result *out,
                       struct nvb_strv *out_notes,
                       bool *out_is_stopped,
                       struct nvb_err *err);
