/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_check.h - is a CDI specification still true of this machine?
 *
 * Any specification, whoever made it: its nodes must be there and have the numbers it says, what
 * it mounts must be there, and libraries must be of the running driver's version. One of ours is
 * made anew from its recipe and compared as well. Of a driver view that it mounts only that it is
 * there and root's is looked at; its contents take longer (lib/run/driver_store.h). */
#pragma once

#include "resolve/cdi_recipe.h"

struct nvb_cdi_verdict {
    bool is_ours;            /* has a recipe beside it */
    struct nvb_strv reasons; /* why it is stale; none: it is good */
    struct nvb_strv notes;   /* of ours: what had to be left out of the new one, and why */
    struct nvb_cdi_recipe recipe;
    char *view_path;          /* owned; the driver view that it mounts; NULL: none */
    char *text;               /* owned; of ours: what it should be now */
    char *stamp;              /* owned; and the file beside it */
    struct nvb_cdi_view view; /* and the view that must be there before it; else no name */
};

/* `path` is inside the host's root. Fails only when the file cannot be read at all; faults in it
 * are reasons, and so it is that one of ours is gone, whose recipe is still there. */
bool nvb_cdi_check(const struct nvb_host *host,
                   const char *path,
                   struct nvb_cdi_verdict *out,
                   struct nvb_err *err);
void nvb_cdi_verdict_clear(struct nvb_cdi_verdict *verdict);
#define nvb_auto_cdi_verdict __attribute__((cleanup(nvb_cdi_verdict_clear))) struct nvb_cdi_verdict
