/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/doc_value.h"
#include "core/heroic_settings.h"
#include "core/source.h"
#include "core/wine_path.h"

enum {
    SECONDS_A_MINUTE = 60,
};

typedef struct {
    GfFinds *finds;
    char *base;
    int fd;                /* owned; of base */
    GHashTable *titles;    /* app -> title, owned */
    struct nvb_doc config; /* owned; config.json */
    struct nvb_doc played; /* owned; store/timestamp.json */
} Heroic;

/* What a store says of an installed game; all borrowed but the exe. */
typedef struct {
    const char *store; /* legendary, gog, nile, sideload */
    const char *app;
    const char *title;
    const char *dir;
    char *exe;
    const char *args;
    const char *platform;
    int64_t size_bytes;
} Installed;

static void heroic_clear(Heroic *heroic)
{
    if (heroic->fd >= 0)
        (void)close(heroic->fd);
    g_hash_table_unref(heroic->titles);
    nvb_doc_clear(&heroic->config);
    nvb_doc_clear(&heroic->played);
}

/* Heroic replaces its files at once: what is broken stays broken. */
static bool read_doc(Heroic *heroic, const char *path, struct nvb_doc *out)
{
    nvb_auto_err err = { 0 };

    if (gf_doc_read(heroic->fd, path, out, &err))
        return true;
    gf_finds_miss_err(heroic->finds, &err);
    return false;
}

static void read_titles(Heroic *heroic, const char *path)
{
    nvb_auto_doc doc = { 0 };
    nvb_auto_err ignored = { 0 }; /* a cache: the id is the title then */
    const struct nvb_doc *list = NULL;

    if (!gf_doc_read(heroic->fd, path, &doc, &ignored))
        return;
    list = gf_doc_find(&doc, "library", NULL);
    if (!list)
        list = gf_doc_find(&doc, "games", NULL);
    for (size_t i = 0; list && list->type == NVB_DOC_ARRAY && i < list->n; i++) {
        const char *app = gf_doc_get_text(&list->entries[i].value, "app_name");
        const char *title = gf_doc_get_text(&list->entries[i].value, "title");

        if (app && title && !g_hash_table_contains(heroic->titles, app))
            g_hash_table_insert(heroic->titles, g_strdup(app), g_strdup(title));
    }
}

/* An absolute path; what is relative would be taken for a place below our own directory. */
static const char *get_dir(const struct nvb_doc *game, const char *key)
{
    const char *path = gf_doc_get_text(game, key);

    return path && *path == '/' ? path : NULL;
}

static bool is_file_name(const char *name)
{
    return *name && *name != '.' && !strchr(name, '/');
}

static void set_settings(Heroic *heroic, const char *app, GfEntry *entry)
{
    g_autofree char *path = g_strdup_printf("GamesConfig/%s.json", app);
    nvb_auto_doc doc = { 0 };
    nvb_auto_err err = { 0 };

    if (is_file_name(app) && !gf_doc_read(heroic->fd, path, &doc, &err))
        gf_finds_note_err(heroic->finds, &err);
    gf_heroic_settings_fill(gf_doc_find(&doc, app, NULL),
                            gf_doc_find(&heroic->config, "defaultSettings", NULL), entry);
}

static void set_times(const Heroic *heroic, const char *app, GfEntry *entry)
{
    const struct nvb_doc *times = gf_doc_find(&heroic->played, app, NULL);
    const char *last = gf_doc_get_text(times, "lastPlayed");
    g_autoptr(GDateTime) date = last ? g_date_time_new_from_iso8601(last, NULL) : NULL;
    int64_t minutes = gf_doc_get_number(times, "totalPlayed");

    entry->playtime_s = MIN(minutes, INT64_MAX / SECONDS_A_MINUTE) * SECONDS_A_MINUTE;
    entry->last_played_s = date ? MAX(0, g_date_time_to_unix(date)) : 0;
}

static void set_icon(const Heroic *heroic, const char *app, GfEntry *entry)
{
    static const char *const ends[] = { "jpg", "png" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends) && is_file_name(app); i++) {
        g_autofree char *path = g_strdup_printf("icons/%s.%s", app, ends[i]);

        if (!entry->icon && faccessat(heroic->fd, path, F_OK, 0) == 0)
            entry->icon = g_build_filename(heroic->base, path, NULL);
    }
}

/* "Windows", "Win32", "windows"; "linux"; "Browser". */
static const char *get_platform(const char *platform)
{
    if (!platform || g_ascii_strncasecmp(platform, "win", 3) == 0)
        return "windows";
    return g_ascii_strcasecmp(platform, "linux") == 0 ? "linux" : platform;
}

static GfEntry *add(Heroic *heroic, const Installed *game)
{
    g_autofree char *id = g_strconcat(game->store, ":", game->app, NULL);
    const char *title = game->title ? game->title : g_hash_table_lookup(heroic->titles, game->app);
    GfEntry *entry = gf_finds_add(heroic->finds, id);

    gf_entry_set_title(entry, title ? title : game->app);
    entry->alias = g_strconcat("heroic:", game->app, NULL);
    entry->uri = g_strconcat("heroic://launch/", game->store, "/", game->app, NULL);
    gf_entry_set_path(&entry->install_dir, game->dir);
    gf_entry_set_text(&entry->platform, get_platform(game->platform));
    gf_entry_set_text(&entry->runner,
                      strcmp(entry->platform, "linux") == 0 ? "native" : entry->platform);
    gf_entry_set_text(&entry->args, game->args);
    entry->size_bytes = game->size_bytes;
    if (game->exe && *game->exe) {
        g_autofree char *path = g_strdelimit(g_strdup(game->exe), "\\", '/');
        g_autofree char *full =
            *path != '/' && game->dir ? g_build_filename(game->dir, path, NULL) : g_strdup(path);

        entry->exe = gf_wine_path_dup_case(full);
    }
    set_settings(heroic, game->app, entry);
    set_times(heroic, game->app, entry);
    set_icon(heroic, game->app, entry);
    return entry;
}

static void add_epic(Heroic *heroic, const char *path)
{
    nvb_auto_doc doc = { 0 };

    if (!read_doc(heroic, path, &doc) || doc.type != NVB_DOC_OBJECT)
        return;
    for (size_t i = 0; i < doc.n; i++) {
        const struct nvb_doc *game = &doc.entries[i].value;
        g_autofree char *exe = g_strdup(gf_doc_get_text(game, "executable"));
        Installed told = { .store = "legendary",
                           .app = doc.entries[i].key,
                           .title = gf_doc_get_text(game, "title"),
                           .dir = get_dir(game, "install_path"),
                           .exe = exe,
                           .args = gf_doc_get_text(game, "launch_parameters"),
                           .platform = gf_doc_get_text(game, "platform"),
                           .size_bytes = gf_doc_get_number(game, "install_size") };

        if (!gf_doc_get_bool(game, "is_dlc") && *told.app)
            add(heroic, &told);
    }
}

/* A file of the game's own, in JSON whatever its name; without it the store starts the game. */
static bool read_beside(const char *path, struct nvb_doc *out)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    size_t len = 0;

    return nvb_read_file(AT_FDCWD, path, NVB_DOC_SIZE_MAX, &text, &len, &ignored) &&
           nvb_doc_parse_json(text, len, path, out, &ignored);
}

/* What the game's own directory says of how it is started. */
static char *dup_gog_exe(const char *dir, const char *app, char **out_args)
{
    g_autofree char *path = dir ? g_strdup_printf("%s/goggame-%s.info", dir, app) : NULL;
    nvb_auto_doc doc = { 0 };
    const struct nvb_doc *tasks = NULL;

    if (!path || !is_file_name(app) || !read_beside(path, &doc))
        return NULL;
    tasks = gf_doc_find(&doc, "playTasks", NULL);
    for (size_t i = 0; tasks && tasks->type == NVB_DOC_ARRAY && i < tasks->n; i++) {
        const struct nvb_doc *task = &tasks->entries[i].value;

        if (gf_doc_get_bool(task, "isPrimary")) {
            *out_args = g_strdup(gf_doc_get_text(task, "arguments"));
            return g_strdup(gf_doc_get_text(task, "path"));
        }
    }
    return NULL;
}

static void add_gog(Heroic *heroic)
{
    nvb_auto_doc doc = { 0 };
    const struct nvb_doc *list = NULL;

    if (!read_doc(heroic, "gog_store/installed.json", &doc))
        return;
    list = gf_doc_find(&doc, "installed", NULL);
    for (size_t i = 0; list && list->type == NVB_DOC_ARRAY && i < list->n; i++) {
        const struct nvb_doc *game = &list->entries[i].value;
        g_autofree char *args = NULL;
        g_autofree char *exe = g_strdup(gf_doc_get_text(game, "executable"));
        Installed told = { .store = "gog",
                           .app = gf_doc_get_text(game, "appName"),
                           .dir = get_dir(game, "install_path"),
                           .platform = gf_doc_get_text(game, "platform") };

        if (!told.app || gf_doc_get_bool(game, "is_dlc"))
            continue;
        if (!exe)
            exe = dup_gog_exe(told.dir, told.app, &args);
        told.exe = exe;
        told.args = args;
        add(heroic, &told);
    }
}

static char *dup_amazon_exe(const char *dir)
{
    g_autofree char *path = dir ? g_build_filename(dir, "fuel.json", NULL) : NULL;
    nvb_auto_doc doc = { 0 };

    if (!path || !read_beside(path, &doc))
        return NULL;
    return g_strdup(gf_doc_text(gf_doc_find(&doc, "Main", "Command", NULL)));
}

static void read_amazon_titles(Heroic *heroic)
{
    nvb_auto_doc doc = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!gf_doc_read(heroic->fd, "nile_config/nile/library.json", &doc, &ignored))
        return;
    for (size_t i = 0; doc.type == NVB_DOC_ARRAY && i < doc.n; i++) {
        const struct nvb_doc *product = gf_doc_find(&doc.entries[i].value, "product", NULL);
        const char *id = gf_doc_get_text(product, "id");
        const char *title = gf_doc_get_text(product, "title");

        if (id && title)
            g_hash_table_insert(heroic->titles, g_strdup(id), g_strdup(title));
    }
}

static void add_amazon(Heroic *heroic)
{
    nvb_auto_doc doc = { 0 };

    read_amazon_titles(heroic);
    if (!read_doc(heroic, "nile_config/nile/installed.json", &doc))
        return;
    for (size_t i = 0; doc.type == NVB_DOC_ARRAY && i < doc.n; i++) {
        const struct nvb_doc *game = &doc.entries[i].value;
        const char *dir = get_dir(game, "path");
        g_autofree char *exe = dup_amazon_exe(dir);
        Installed told = { .store = "nile",
                           .app = gf_doc_get_text(game, "id"),
                           .dir = dir,
                           .exe = exe,
                           .size_bytes = gf_doc_get_number(game, "size") };

        if (told.app)
            add(heroic, &told);
    }
}

static void add_sideload(Heroic *heroic)
{
    nvb_auto_doc doc = { 0 };
    const struct nvb_doc *list = NULL;

    if (!read_doc(heroic, "sideload_apps/library.json", &doc))
        return;
    list = gf_doc_find(&doc, "games", NULL);
    for (size_t i = 0; list && list->type == NVB_DOC_ARRAY && i < list->n; i++) {
        const struct nvb_doc *game = &list->entries[i].value;
        const struct nvb_doc *install = gf_doc_find(game, "install", NULL);
        g_autofree char *exe = g_strdup(gf_doc_get_text(install, "executable"));
        const char *url = gf_doc_get_text(game, "browserUrl");
        Installed told = { .store = "sideload",
                           .app = gf_doc_get_text(game, "app_name"),
                           .title = gf_doc_get_text(game, "title"),
                           .dir = get_dir(game, "folder_name"),
                           .exe = exe,
                           .platform = gf_doc_get_text(install, "platform") };
        GfEntry *entry = NULL;

        if (!told.app || gf_doc_get_bool(install, "is_dlc"))
            continue;
        entry = add(heroic, &told);
        if (url && !exe) {
            gf_entry_set_text(&entry->runner, "browser");
            gf_entry_set_text(&entry->args, url);
        }
    }
}

static void scan_base(const char *base, GfFinds *finds)
{
    static const char *const caches[] = { "legendary", "gog", "nile" };
    __attribute__((cleanup(heroic_clear)))
    Heroic heroic = { .finds = finds, .fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC) };

    heroic.base = g_strdup(base);
    heroic.titles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (heroic.fd >= 0) {
        finds->is_present = true;
        read_doc(&heroic, "config.json", &heroic.config);
        read_doc(&heroic, "store/timestamp.json", &heroic.played);
        for (size_t i = 0; i < G_N_ELEMENTS(caches); i++) {
            g_autofree char *path = g_strdup_printf("store_cache/%s_library.json", caches[i]);

            read_titles(&heroic, path);
        }
        add_epic(&heroic,
                 faccessat(heroic.fd, "legendaryConfig/legendary/installed.json", F_OK, 0) == 0
                     ? "legendaryConfig/legendary/installed.json"
                     : "../legendary/installed.json"); /* of older versions */
        add_gog(&heroic);
        add_amazon(&heroic);
        add_sideload(&heroic);
    }
    g_free(heroic.base);
}

static void scan(const GfPlaces *places, GfFinds *finds)
{
    g_autofree char *native = g_build_filename(places->config, "heroic", NULL);
    g_autofree char *flatpak =
        g_build_filename(places->home, ".var/app/com.heroicgameslauncher.hgl/config/heroic", NULL);

    scan_base(native, finds);
    scan_base(flatpak, finds);
}

const GfSource gf_source_heroic = { .name = "heroic", .title = "Heroic", .scan = scan };
