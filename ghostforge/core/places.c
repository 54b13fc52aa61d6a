/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/places.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* The specification wants paths that are not absolute to be ignored. */
static char *dup_dir(const char *variable, const char *home, const char *below)
{
    const char *value = g_getenv(variable);

    return value && *value == '/' ? g_strdup(value) : g_build_filename(home, below, NULL);
}

static void add_dirs(const char *list, struct nvb_strv *out)
{
    g_auto(GStrv) dirs = g_strsplit(list, ":", -1);

    for (char **dir = dirs; *dir; dir++) {
        if (**dir == '/' && !nvb_strv_has(out, *dir))
            nvb_strv_add(out, *dir);
    }
}

bool gf_places_init(GfPlaces *places, struct nvb_err *err)
{
    const char *home = g_getenv("HOME");
    const char *list = g_getenv("XDG_DATA_DIRS");
    const struct passwd *user = NULL;

    if (!home || *home != '/') {
        user = getpwuid(getuid());
        home = user ? user->pw_dir : NULL;
    }
    if (!home || *home != '/') {
        nvb_fail(err, NVB_D_GAMES, NVB_E_NOT_FOUND, "there is no home directory");
        return nvb_hint(err, "set HOME to it");
    }
    places->home = g_strdup(home);
    places->data = dup_dir("XDG_DATA_HOME", home, ".local/share");
    places->config = dup_dir("XDG_CONFIG_HOME", home, ".config");
    add_dirs(list && *list ? list : "/usr/local/share:/usr/share:/var/lib/flatpak/exports/share",
             &places->data_dirs);
    return true;
}

void gf_places_clear(GfPlaces *places)
{
    g_clear_pointer(&places->home, g_free);
    g_clear_pointer(&places->data, g_free);
    g_clear_pointer(&places->config, g_free);
    nvb_strv_clear(&places->data_dirs);
}

char *gf_places_dup_own_data(const GfPlaces *places)
{
    return g_build_filename(places->data, "ghostforge", NULL);
}
