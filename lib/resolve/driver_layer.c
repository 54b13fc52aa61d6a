/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_layer.h"

#include <string.h>

/* "/etc/a/b TARGET" */
static void add_link(struct nvb_view_plan *plan, const char *link)
{
    const char *target = strchr(link, ' ');

    if (link[0] == '/' && target && target > link + 1) {
        nvb_view_plan_add_link(plan, nvb_xstrndup(link + 1, (size_t)(target - link - 1)),
                               target + 1);
    }
}

void nvb_driver_layer_plan(const char *version,
                           const struct nvb_strv *links,
                           const struct nvb_buf *ldcache,
                           struct nvb_view_plan *out)
{
    /* As in the image: where it has a directory too, ours is the one that is seen. */
    struct nvb_view_plan plan = { .version = nvb_xstrdup(version), .dir_mode = 0755 };

    for (size_t i = 0; i < links->n; i++)
        add_link(&plan, links->items[i]);
    if (ldcache->len > 0)
        nvb_view_plan_add_text(&plan, nvb_xstrdup("etc/ld.so.cache"), ldcache->data, ldcache->len);
    /* Covered by the view; here only that there is a directory to mount it on. */
    nvb_view_plan_add_text(&plan, nvb_xstrdup(&NVB_VIEW_PATH "/.place"[1]), "", 0);
    nvb_view_plan_finish(&plan, "layer");
    *out = plan;
}
