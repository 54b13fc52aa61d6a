/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/import.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

static const char steam[] = ".local/share/Steam/steamapps";

static void put_game(const char *home, const char *apps, int id, const char *name)
{
    g_autofree char *file = g_strdup_printf("%s/appmanifest_%d.acf", apps, id);
    g_autofree char *dir = g_strdup_printf("%s/%s/common/%s", home, apps, name);
    g_autofree char *text = g_strdup_printf(
        "AppState { appid %d name \"%s\" StateFlags 4 installdir \"%s\" }", id, name, name);

    tree_put(home, file, text);
    EXPECT(g_mkdir_with_parents(dir, 0700) == 0);
}

typedef struct {
    GfPlaces places;
    GfStore *store;
    GfImportReport report;
} Bed;

static void bed_open(Bed *bed, const char *home)
{
    nvb_auto_err err = { 0 };
    g_autofree char *own = NULL;

    EXPECT(g_setenv("HOME", home, TRUE));
    g_unsetenv("XDG_DATA_HOME");
    g_unsetenv("XDG_CONFIG_HOME");
    EXPECT(g_setenv("XDG_DATA_DIRS", home, TRUE));
    EXPECT(gf_places_init(&bed->places, &err));
    own = gf_places_dup_own_data(&bed->places);
    EXPECT(gf_store_open(own, GF_STORE_WRITE, &bed->store, &err));
}

static void bed_close(Bed *bed)
{
    gf_import_report_clear(&bed->report);
    gf_store_free(bed->store);
    gf_places_clear(&bed->places);
}

static const GfImported *import(Bed *bed)
{
    static const struct nvb_strv all;
    nvb_auto_err err = { 0 };

    gf_import_report_clear(&bed->report);
    EXPECT(gf_import(bed->store, &bed->places, &all, &bed->report, &err));
    return &bed->report.items[0];
}

/* The states of all games, in the order of their titles. */
static char *dup_states(Bed *bed)
{
    g_autoptr(GPtrArray) games = NULL;
    GString *text = g_string_new(NULL);
    nvb_auto_err err = { 0 };

    EXPECT(gf_library_load(bed->store, &games, &err));
    for (guint i = 0; i < games->len; i++) {
        const GfGame *game = g_ptr_array_index(games, i);

        g_string_append_printf(text, "%s%s %s", i ? ", " : "", game->slug,
                               gf_state_name(game->view->state));
    }
    return g_string_free(text, FALSE);
}

static void expect_states(Bed *bed, const char *want)
{
    g_autofree char *got = dup_states(bed);

    EXPECT_STR(got, want);
}

TEST(writes_only_when_something_is_new)
{
    const char *home = tree_new();
    __attribute__((cleanup(bed_close))) Bed bed = { 0 };
    int n = 0;

    put_game(home, steam, 1, "One");
    bed_open(&bed, home);
    EXPECT(import(&bed)->n_new == 1 && bed.report.is_written);
    n = gf_store_count_changes(bed.store);
    EXPECT(import(&bed)->n_new == 0 && !bed.report.is_written);
    EXPECT(gf_store_count_changes(bed.store) == n);
    put_game(home, steam, 2, "Two");
    EXPECT(import(&bed)->n_new == 1 && bed.report.is_written);
    expect_states(&bed, "one ready, two ready");
}

TEST(keeps_games_that_are_gone_and_takes_them_back)
{
    const char *home = tree_new();
    g_autofree char *file = g_build_filename(home, steam, "appmanifest_1.acf", NULL);
    __attribute__((cleanup(bed_close))) Bed bed = { 0 };

    put_game(home, steam, 1, "One");
    put_game(home, steam, 2, "Two");
    bed_open(&bed, home);
    import(&bed);
    EXPECT(unlink(file) == 0);
    EXPECT(import(&bed)->n_gone == 1 && bed.report.n_games == 1);
    expect_states(&bed, "one gone, two ready");
    EXPECT(import(&bed)->n_gone == 0 && !bed.report.is_written);
    put_game(home, steam, 1, "One");
    EXPECT(import(&bed)->n_changed == 1);
    expect_states(&bed, "one ready, two ready");
}

TEST(does_not_take_a_missing_drive_for_an_uninstall)
{
    const char *home = tree_new();
    g_autofree char *drive = g_build_filename(home, "drive", NULL);
    g_autofree char *away = g_build_filename(home, "away", NULL);
    g_autofree char *folders = g_strdup_printf("libraryfolders { 1 { path \"%s\" } }", drive);
    __attribute__((cleanup(bed_close))) Bed bed = { 0 };

    put_game(home, steam, 1, "One");
    put_game(home, "drive/steamapps", 2, "Two");
    tree_put(home, ".local/share/Steam/config/libraryfolders.vdf", folders);
    bed_open(&bed, home);
    import(&bed);
    EXPECT(rename(drive, away) == 0);
    EXPECT(import(&bed)->n_absent == 1 && import(&bed)->problems.n == 1);
    expect_states(&bed, "one ready, two absent");
    EXPECT(mkdir(drive, 0700) == 0); /* its mount point is left */
    EXPECT(import(&bed)->problems.n == 1);
    expect_states(&bed, "one ready, two absent");
    EXPECT(rmdir(drive) == 0 && rename(away, drive) == 0);
    EXPECT(import(&bed)->problems.n == 0);
    expect_states(&bed, "one ready, two ready");
}

TEST(keeps_a_game_whose_manifest_is_half_written)
{
    const char *home = tree_new();
    __attribute__((cleanup(bed_close))) Bed bed = { 0 };

    put_game(home, steam, 1, "One");
    bed_open(&bed, home);
    import(&bed);
    tree_put(home, ".local/share/Steam/steamapps/appmanifest_1.acf", "AppState { appid 1 na");
    EXPECT(import(&bed)->problems.n == 1);
    expect_states(&bed, "one absent");
}

TEST(keeps_what_the_user_hid)
{
    const char *home = tree_new();
    __attribute__((cleanup(bed_close))) Bed bed = { 0 };
    nvb_auto_err err = { 0 };

    put_game(home, steam, 1, "One");
    bed_open(&bed, home);
    import(&bed);
    EXPECT(gf_store_set_hidden(bed.store, 1, true, &err));
    import(&bed);
    EXPECT(bed.report.n_games == 0);
}

TEST(joins_a_game_added_by_hand_with_the_same_of_a_source)
{
    const char *home = tree_new();
    __attribute__((cleanup(bed_close))) Bed bed = { 0 };
    GfEntry *entry = gf_entry_new(GF_SOURCE_MANUAL, "");
    g_autoptr(GPtrArray) games = NULL;
    const GfGame *game = NULL;
    nvb_auto_err err = { 0 };
    int64_t id = 0;

    put_game(home, steam, 1, "One");
    tree_put(home, ".local/share/Steam/steamapps/common/One/run", "");
    bed_open(&bed, home);
    gf_entry_set_title(entry, "My One");
    entry->exe = g_build_filename(home, steam, "common/One/run", NULL);
    EXPECT(gf_library_add(bed.store, entry, &id, &err));
    EXPECT(import(&bed)->n_new == 1 && bed.report.n_games == 1);
    EXPECT(gf_library_load(bed.store, &games, &err));
    game = gf_library_find(games, "steam:1", &err);
    EXPECT(game && game->id == id && game->entries->len == 2);
    EXPECT_STR(game->view->title, "My One");
    EXPECT(game->view->uri == NULL && game->view->install_dir != NULL);
}

TEST(names_all_its_sources)
{
    size_t n = 0;

    for (; gf_sources[n]; n++)
        EXPECT_STR(gf_source_names[n], gf_sources[n]->name);
    EXPECT(gf_source_names[n] == NULL);
}
