/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_view.h - the driver view that a specification mounts instead of the driver's files one by
 * one: a mount instead of ninety, and no container breaks when a package is updated.
 *
 * The view belongs to the driver that runs. After an update it is the old one's, as long as it
 * stands ready, since the new one's libraries do not go with the old module: containers keep
 * working until the restart, and who refreshes then gets the new view. */
#pragma once

#include "resolve/driver_view.h"

struct nvb_cdi_view {
    char *dir;                 /* owned; the directory of views */
    char *name;                /* owned; NULL: none, there is nothing to make one of */
    struct nvb_view_plan plan; /* to build it by */
    bool has_plan;             /* false: it stands ready and its files are gone */
    struct nvb_strv places;    /* "PATH_IN_VIEW CONTAINER_PATH" of what is looked for elsewhere */
};

void nvb_cdi_view_clear(struct nvb_cdi_view *view);
#define nvb_auto_cdi_view __attribute__((cleanup(nvb_cdi_view_clear))) struct nvb_cdi_view

/* For the driver of `gpus` and its files. Root's view is taken where there is one, else that of
 * the caller's own directory; nothing is made here. */
bool nvb_cdi_view_choose(const struct nvb_host *host,
                         const struct nvb_gpus *gpus,
                         const struct nvb_driver_files *files,
                         unsigned capabilities,
                         struct nvb_cdi_view *out,
                         struct nvb_err *err);

/* "DIR/NAME" */
char *nvb_cdi_view_dup_path(const struct nvb_cdi_view *view);
