/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/desktop_icon.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

/* What looks best first; every theme falls back on hicolor. */
static const char *const below[] = {
    "icons/hicolor/256x256/apps/%s.png",
    "icons/hicolor/512x512/apps/%s.png",
    "icons/hicolor/scalable/apps/%s.svg",
    "icons/hicolor/128x128/apps/%s.png",
    "icons/hicolor/64x64/apps/%s.png",
    "icons/hicolor/48x48/apps/%s.png",
    "pixmaps/%s.png",
    "pixmaps/%s.svg",
    "pixmaps/%s.xpm",
    "pixmaps/%s",
};

char *gf_desktop_icon_dup(const struct nvb_strv *dirs, const char *icon)
{
    if (!icon || !*icon)
        return NULL;
    if (*icon == '/')
        return access(icon, F_OK) == 0 ? g_strdup(icon) : NULL;
    if (strchr(icon, '/'))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(below); i++) {
        g_auto(GStrv) around = g_strsplit(below[i], "%s", 2);

        for (size_t k = 0; k < dirs->n; k++) {
            g_autofree char *path =
                g_strconcat(dirs->items[k], "/", around[0], icon, around[1], NULL);

            if (access(path, F_OK) == 0)
                return g_steal_pointer(&path);
        }
    }
    return NULL;
}
