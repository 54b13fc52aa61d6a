/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/wine_path.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum {
    DEPTH_MAX = 32, /* of an executable below its prefix */
};

bool gf_wine_path_is_windows(const char *path)
{
    return g_ascii_isalpha(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
}

char *gf_wine_path_dup_unix(const char *prefix, const char *path)
{
    g_autofree char *rest = NULL;
    char drive = '\0';

    if (!gf_wine_path_is_windows(path))
        return NULL;
    drive = g_ascii_tolower(path[0]);
    rest = g_strdelimit(g_strdup(path + 2), "\\", '/');
    if (drive == 'z')
        return g_strdup(rest);
    if (!prefix)
        return NULL;
    return drive == 'c' ? g_strconcat(prefix, "/drive_c", rest, NULL)
                        : g_strdup_printf("%s/dosdevices/%c:%s", prefix, drive, rest);
}

static char *dup_like(const char *dir, const char *name)
{
    nvb_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *folded = g_utf8_casefold(valid, -1);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (fd < 0 || !nvb_list_in_root(fd, ".", &names, &ignored))
        return NULL;
    for (size_t i = 0; i < names.n; i++) {
        g_autofree char *there = g_utf8_make_valid(names.items[i], -1);
        g_autofree char *there_folded = g_utf8_casefold(there, -1);

        if (strcmp(folded, there_folded) == 0)
            return g_strdup(names.items[i]);
    }
    return NULL;
}

char *gf_wine_path_dup_case(const char *path)
{
    g_auto(GStrv) names = NULL;
    GString *real = NULL;

    if (access(path, F_OK) == 0 || *path != '/')
        return g_strdup(path);
    names = g_strsplit(path + 1, "/", -1);
    real = g_string_new(NULL);
    for (char **name = names; *name; name++) {
        size_t len = real->len;
        g_autofree char *like = NULL;

        g_string_append_printf(real, "/%s", *name);
        if (access(real->str, F_OK) == 0)
            continue;
        g_string_truncate(real, len);
        like = dup_like(len > 0 ? real->str : "/", *name);
        if (!like) {
            g_string_free(real, TRUE);
            return g_strdup(path);
        }
        g_string_append_printf(real, "/%s", like);
    }
    return g_string_free(real, FALSE);
}

static bool is_prefix(const char *dir)
{
    g_autofree char *drive = g_build_filename(dir, "drive_c", NULL);
    g_autofree char *registry = g_build_filename(dir, "user.reg", NULL);

    return access(drive, F_OK) == 0 && access(registry, F_OK) == 0;
}

char *gf_wine_path_dup_prefix(const char *exe)
{
    static const char *const beside[] = { "", "prefix", "pfx" };
    g_autofree char *dir = g_path_get_dirname(exe);

    for (int depth = 0; depth < DEPTH_MAX && dir[0] == '/' && dir[1]; depth++) {
        char *up = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(beside); i++) {
            g_autofree char *tried =
                *beside[i] ? g_build_filename(dir, beside[i], NULL) : g_strdup(dir);

            if (is_prefix(tried))
                return g_steal_pointer(&tried);
        }
        up = g_path_get_dirname(dir);
        g_free(dir);
        dir = up;
    }
    return NULL;
}
