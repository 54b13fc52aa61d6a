/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/reference.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

enum {
    SHORTCUT_SHIFT = 32, /* of a game's 64-bit number, where a shortcut's stands */
};

static char *dup_steam(const char *digits)
{
    g_autofree char *text = g_strndup(digits, strspn(digits, "0123456789"));
    uint64_t id = 0;

    if (!nvb_parse_u64(text, UINT64_MAX, &id) || id == 0)
        return NULL;
    return id > UINT32_MAX ? g_strdup_printf("steam:shortcut-%" G_GUINT64_FORMAT,
                                             (guint64)(id >> SHORTCUT_SHIFT))
                           : g_strdup_printf("steam:%" G_GUINT64_FORMAT, (guint64)id);
}

/* One word of a URI, its %20s undone. */
static char *dup_word(const char *start, const char *ends)
{
    size_t len = strcspn(start, ends);

    return len > 0 ? g_uri_unescape_segment(start, start + len, NULL) : NULL;
}

static char *dup_lutris(const char *rest)
{
    g_autofree char *word = dup_word(rest, " \"'?");

    if (!word)
        return NULL;
    if (nvb_has_prefix(word, "rungameid/"))
        return g_strconcat("lutris:", word + strlen("rungameid/"), NULL);
    return g_strconcat("lutris:rungame/",
                       nvb_has_prefix(word, "rungame/") ? word + strlen("rungame/") : word, NULL);
}

static char *dup_parameter(const char *query, const char *name)
{
    g_autofree char *start = g_strconcat(name, "=", NULL);
    const char *at = strstr(query, start);

    return at ? dup_word(at + strlen(start), "& \"'") : NULL;
}

/* heroic://launch/gog/1207, /launch/1207, and ?appName=1207&runner=gog of newer versions. */
static char *dup_heroic(const char *rest)
{
    g_autofree char *app = NULL;
    g_autofree char *runner = NULL;
    g_autofree char *path = NULL;

    if (*rest == '?') {
        app = dup_parameter(rest, "appName");
        runner = dup_parameter(rest, "runner");
    } else if (*rest == '/') {
        const char *slash = NULL;

        path = dup_word(rest + 1, " \"'?");
        slash = path ? strchr(path, '/') : NULL;
        app = g_strdup(slash ? slash + 1 : path);
        runner = slash ? g_strndup(path, (gsize)(slash - path)) : NULL;
    }
    if (!app || !*app)
        return NULL;
    return runner ? g_strconcat("heroic:", runner, ":", app, NULL)
                  : g_strconcat("heroic:", app, NULL);
}

static char *dup_bottles_uri(const char *rest)
{
    g_autofree char *path = dup_word(rest, " \"'");

    return path && strchr(path, '/') ? g_strconcat("bottles:", path, NULL) : NULL;
}

static const char *find_value(char *const *argv, const char *letter, const char *name)
{
    g_autofree char *start = g_strconcat(name, "=", NULL);

    for (; *argv; argv++) {
        if (nvb_has_prefix(*argv, start))
            return *argv + strlen(start);
        if ((strcmp(*argv, letter) == 0 || strcmp(*argv, name) == 0) && argv[1])
            return argv[1];
    }
    return NULL;
}

/* bottles-cli run -b BOTTLE -p PROGRAM */
static char *dup_bottles_cli(const char *command)
{
    g_auto(GStrv) argv = NULL;
    const char *bottle = NULL;
    const char *program = NULL;

    if (!g_shell_parse_argv(command, NULL, &argv, NULL))
        return NULL;
    bottle = find_value(argv, "-b", "--bottle");
    program = find_value(argv, "-p", "--program");
    return bottle && program ? g_strconcat("bottles:", bottle, "/", program, NULL) : NULL;
}

char *gf_reference_dup_from_command(const char *command)
{
    static const struct {
        const char *sign;
        char *(*dup)(const char *rest);
    } signs[] = {
        {"steam://rungameid/", dup_steam      },
        { "steam://run/",      dup_steam      },
        { "-applaunch ",       dup_steam      },
        { "lutris:",           dup_lutris     },
        { "heroic://launch",   dup_heroic     },
        { "bottles:run/",      dup_bottles_uri},
    };

    if (!command)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        const char *at = strstr(command, signs[i].sign);

        if (at)
            return signs[i].dup(at + strlen(signs[i].sign));
    }
    return strstr(command, "bottles-cli") ? dup_bottles_cli(command) : NULL;
}
