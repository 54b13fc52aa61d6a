/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/doc_value.h"
#include "core/lutris_config.h"
#include "core/source.h"
#include "core/sqlite_copy.h"

enum {
    SECONDS_AN_HOUR = 3600,
};

/* Of the table `games`; databases of older versions lack some. */
enum {
    ID,
    NAME,
    SLUG,
    RUNNER,
    DIRECTORY,
    INSTALLED,
    CONFIGPATH,
    LASTPLAYED,
    PLAYTIME,
    PLATFORM,
    SERVICE,
    SERVICE_ID,
    HIDDEN,
    N_COLUMNS
};

static const char *const columns[N_COLUMNS] = {
    "id",         "name",     "slug",     "runner",  "directory",  "installed", "configpath",
    "lastplayed", "playtime", "platform", "service", "service_id", "hidden"
};

typedef struct {
    GfFinds *finds;
    const GfPlaces *places;
    const char *flavour; /* of the ids: "" or "flatpak-" */
    const char *data;
    int config_fd;         /* owned */
    GHashTable *runners;   /* name -> struct nvb_doc, owned */
    GHashTable *hidden;    /* ids in the category ".hidden", owned */
    struct nvb_doc system; /* owned */
} Lutris;

static void doc_free(void *data)
{
    nvb_doc_clear(data);
    g_free(data);
}

static void lutris_clear(Lutris *lutris)
{
    if (lutris->config_fd >= 0)
        (void)close(lutris->config_fd);
    g_hash_table_unref(lutris->runners);
    g_hash_table_unref(lutris->hidden);
    nvb_doc_clear(&lutris->system);
}

static void read_doc(Lutris *lutris, const char *path, struct nvb_doc *out)
{
    nvb_auto_err err = { 0 };

    if (lutris->config_fd >= 0 && !gf_doc_read(lutris->config_fd, path, out, &err))
        gf_finds_note_err(lutris->finds, &err);
}

/* The name of a file, and of one in this directory. */
static bool is_file_name(const char *name)
{
    return name && *name && !strchr(name, '/') && *name != '.';
}

static const struct nvb_doc *get_runner(Lutris *lutris, const char *name)
{
    struct nvb_doc *doc = g_hash_table_lookup(lutris->runners, name);

    if (!doc) {
        g_autofree char *path = g_strdup_printf("runners/%s.yml", name);

        doc = g_new0(struct nvb_doc, 1);
        if (is_file_name(name))
            read_doc(lutris, path, doc);
        g_hash_table_insert(lutris->runners, g_strdup(name), doc);
    }
    return doc;
}

static char *dup_picture(const Lutris *lutris, const char *slug, const char *dir)
{
    static const char *const ends[] = { "jpg", "png" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *path = g_strdup_printf("%s/%s/%s.%s", lutris->data, dir, slug, ends[i]);

        if (access(path, F_OK) == 0)
            return g_steal_pointer(&path);
    }
    return NULL;
}

static void set_pictures(const Lutris *lutris, const char *slug, GfEntry *entry)
{
    g_autofree char *icon =
        g_strdup_printf("%s/icons/hicolor/128x128/apps/lutris_%s.png", lutris->places->data, slug);

    if (!is_file_name(slug))
        return;
    entry->cover = dup_picture(lutris, slug, "coverart");
    if (!entry->cover)
        entry->cover = dup_picture(lutris, slug, "banners");
    if (access(icon, F_OK) == 0)
        entry->icon = g_steal_pointer(&icon);
}

static const char *get_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text && *text ? text : NULL;
}

static void set_config(Lutris *lutris, sqlite3_stmt *row, GfEntry *entry)
{
    const char *path = get_text(row, CONFIGPATH);
    const char *runner = get_text(row, RUNNER);
    nvb_auto_doc game = { 0 };
    GfLutrisConfig config = { .runner = runner ? runner : "",
                              .home = lutris->places->home,
                              .directory = entry->install_dir };

    if (is_file_name(path)) {
        g_autofree char *file = g_strdup_printf("games/%s.yml", path);

        read_doc(lutris, file, &game);
    }
    config.levels[0] = &game;
    config.levels[1] = get_runner(lutris, config.runner);
    config.levels[2] = &lutris->system;
    gf_lutris_config_fill(&config, entry);
}

/* Steam's games that Lutris lists may be known to it by their service alone. */
static void set_service(sqlite3_stmt *row, GfEntry *entry)
{
    const char *service = get_text(row, SERVICE);
    const char *id = get_text(row, SERVICE_ID);

    if (!entry->same_as && service && id && strcmp(service, "steam") == 0 &&
        g_strcmp0(get_text(row, RUNNER), "steam") == 0)
        entry->same_as = g_strconcat("steam:", id, NULL);
}

static void set_times(sqlite3_stmt *row, GfEntry *entry)
{
    double hours = sqlite3_column_double(row, PLAYTIME);

    if (hours > 0 && hours < 1e9)
        entry->playtime_s = (int64_t)(hours * SECONDS_AN_HOUR + 0.5);
    entry->last_played_s = MAX(0, sqlite3_column_int64(row, LASTPLAYED));
}

/* "Windows", and "Nintendo Wii" as it is. */
static void set_platform(GfEntry *entry, const char *platform)
{
    bool is_ours = platform && (g_ascii_strcasecmp(platform, "Windows") == 0 ||
                                g_ascii_strcasecmp(platform, "Linux") == 0);

    gf_entry_set_text(&entry->platform, platform);
    if (is_ours)
        entry->platform[0] = g_ascii_tolower(entry->platform[0]);
}

static void add_game(Lutris *lutris, sqlite3_stmt *row)
{
    int64_t number = sqlite3_column_int64(row, ID);
    g_autofree char *id = g_strdup_printf("%s%" G_GINT64_FORMAT, lutris->flavour, number);
    const char *slug = get_text(row, SLUG);
    const char *directory = get_text(row, DIRECTORY);
    GfEntry *entry = NULL;

    if (!sqlite3_column_int(row, INSTALLED) || !get_text(row, RUNNER))
        return;
    entry = gf_finds_add(lutris->finds, id);
    gf_entry_set_title(entry, get_text(row, NAME));
    if (!entry->title)
        gf_entry_set_title(entry, slug ? slug : id);
    if (slug)
        entry->alias = g_strconcat("lutris:rungame/", slug, NULL);
    if (directory && *directory == '/')
        gf_entry_set_path(&entry->install_dir, directory);
    set_platform(entry, get_text(row, PLATFORM));
    entry->uri = g_strdup_printf("lutris:rungameid/%" G_GINT64_FORMAT, number);
    entry->starts_hidden =
        sqlite3_column_int(row, HIDDEN) != 0 || g_hash_table_contains(lutris->hidden, id);
    set_times(row, entry);
    set_config(lutris, row, entry);
    set_service(row, entry);
    if (slug)
        set_pictures(lutris, slug, entry);
}

static void read_hidden(Lutris *lutris, sqlite3 *db)
{
    static const char sql[] =
        "SELECT g.game_id FROM games_categories g JOIN categories c ON c.id = g.category_id"
        " WHERE c.name = '.hidden'";
    sqlite3_stmt *row = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) ==
        SQLITE_OK) { /* old versions have no categories */
        while (sqlite3_step(row) == SQLITE_ROW) {
            gint64 id = sqlite3_column_int64(row, 0);

            g_hash_table_add(lutris->hidden,
                             g_strdup_printf("%s%" G_GINT64_FORMAT, lutris->flavour, id));
        }
    }
    (void)sqlite3_finalize(row);
}

static void read_games(Lutris *lutris, const char *path)
{
    g_autoptr(GfSqliteCopy) copy = NULL;
    g_autofree char *sql = NULL;
    sqlite3_stmt *row = NULL;
    nvb_auto_err err = { 0 };
    int rc = SQLITE_ERROR;

    if (!gf_sqlite_copy_open(path, &copy, &err)) {
        gf_finds_miss_err(lutris->finds, &err);
        return;
    }
    read_hidden(lutris, gf_sqlite_copy_get(copy));
    sql = gf_sqlite_copy_dup_select(copy, "games", columns, N_COLUMNS);
    if (sql && sqlite3_prepare_v2(gf_sqlite_copy_get(copy), sql, -1, &row, NULL) == SQLITE_OK) {
        while ((rc = sqlite3_step(row)) == SQLITE_ROW)
            add_game(lutris, row);
    }
    if (rc != SQLITE_DONE)
        gf_finds_miss(lutris->finds, "'%s' has no table of games that can be read", path);
    (void)sqlite3_finalize(row);
}

/* lutris.conf may say that the database is elsewhere. */
static char *dup_database(const char *config, const char *data)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *path = g_build_filename(config, "lutris.conf", NULL);
    g_autofree char *moved = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    size_t len = 0;

    if (nvb_read_file(AT_FDCWD, path, NVB_DOC_SIZE_MAX, &text, &len, &ignored) &&
        g_key_file_load_from_data(file, text, len, G_KEY_FILE_NONE, NULL))
        moved = g_key_file_get_string(file, "lutris", "pga_path", NULL);
    return moved && *moved == '/' ? g_steal_pointer(&moved)
                                  : g_build_filename(data, "pga.db", NULL);
}

static void scan_one(const GfPlaces *places,
                     const char *data,
                     const char *config,
                     const char *flavour,
                     GfFinds *finds)
{
    const char *settings = access(config, F_OK) == 0 ? config : data;
    g_autofree char *database = dup_database(settings, data);
    __attribute__((cleanup(lutris_clear))) Lutris lutris = {
        .finds = finds, .places = places, .flavour = flavour, .data = data, .config_fd = -1
    };

    lutris.runners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, doc_free);
    lutris.hidden = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (access(database, F_OK) < 0)
        return;
    finds->is_present = true;
    lutris.config_fd = open(settings, O_PATH | O_DIRECTORY | O_CLOEXEC);
    read_doc(&lutris, "system.yml", &lutris.system);
    read_games(&lutris, database);
}

static void scan(const GfPlaces *places, GfFinds *finds)
{
    g_autofree char *data = g_build_filename(places->data, "lutris", NULL);
    g_autofree char *config = g_build_filename(places->config, "lutris", NULL);
    g_autofree char *app = g_build_filename(places->home, ".var/app/net.lutris.Lutris", NULL);
    g_autofree char *app_data = g_build_filename(app, "data/lutris", NULL);
    g_autofree char *app_config = g_build_filename(app, "config/lutris", NULL);

    scan_one(places, data, config, "", finds);
    scan_one(places, app_data, app_config, "flatpak-", finds);
}

const GfSource gf_source_lutris = { .name = "lutris", .title = "Lutris", .scan = scan };
