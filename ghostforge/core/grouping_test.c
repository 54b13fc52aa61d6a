/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/grouping.h"

#include "test.h"

static void stored_free(void *data)
{
    GfStoredEntry *stored = data;

    gf_entry_free(stored->entry);
    g_free(stored);
}

static void
add(GPtrArray *entries, const char *source, const char *id, const char *same_as, const char *place)
{
    GfStoredEntry *stored = g_new0(GfStoredEntry, 1);

    stored->entry = gf_entry_new(source, id);
    gf_entry_set_text(&stored->entry->same_as, same_as);
    gf_entry_set_path(&stored->entry->place, place);
    g_ptr_array_add(entries, stored);
}

static void alias_last(GPtrArray *entries, const char *alias)
{
    GfStoredEntry *stored = g_ptr_array_index(entries, entries->len - 1);

    gf_entry_set_text(&stored->entry->alias, alias);
}

TEST(joins_what_says_that_it_is_another)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(stored_free);
    size_t groups[4];

    add(entries, "desktop", "p.desktop", "steam:620", NULL);
    add(entries, "lutris", "1", NULL, NULL);
    alias_last(entries, "lutris:rungame/portal");
    add(entries, "steam", "620", NULL, NULL);
    add(entries, "steam", "shortcut-9", "lutris:rungame/portal", NULL);
    EXPECT(gf_group_entries(entries, groups) == 2);
    EXPECT(groups[0] == groups[2] && groups[1] == groups[3] && groups[0] != groups[1]);
}

TEST(bears_entries_that_point_at_each_other)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(stored_free);
    size_t groups[4];

    add(entries, "lutris", "1", "steam:shortcut-1", NULL);
    add(entries, "steam", "shortcut-1", "lutris:1", NULL);
    add(entries, "lutris", "2", "lutris:2", NULL);
    add(entries, "lutris", "3", "lutris:nowhere", NULL);
    EXPECT(gf_group_entries(entries, groups) == 3);
    EXPECT(groups[0] == groups[1]);
}

TEST(joins_places_of_different_sources_only)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(stored_free);
    size_t groups[6];

    add(entries, "steam", "620", NULL, "/s/common/Portal 2/");
    add(entries, "lutris", "1", NULL, "/s/common/Portal 2/bin/portal2.exe");
    add(entries, "lutris", "2", NULL, "/s/common/Portal 2 b/x");
    add(entries, "heroic", "gog:1", NULL, "/g/x.exe");
    add(entries, "lutris", "3", NULL, "/g/x.exe");
    add(entries, "lutris", "4", NULL, "/s/common/Portal 2 b/x");
    EXPECT(gf_group_entries(entries, groups) == 4);
    EXPECT(groups[0] == groups[1] && groups[3] == groups[4] && groups[2] != groups[5]);
}
