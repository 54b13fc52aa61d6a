/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/import.h"

#include <string.h>

#include "core/entry_place.h"
#include "core/grouping.h"
#include "core/slug.h"

/* What will be the library: the entries that are stored, with what the scans found laid over. */
typedef struct {
    GfStored stored;
    GHashTable *by_key; /* owned; "steam:620" -> its GfStoredEntry */
    GHashTable *dirty;  /* owned; the GfStoredEntry that must be written */
    GHashTable *seen;   /* owned; those that a scan found */
} Plan;

static void plan_clear(Plan *plan)
{
    g_clear_pointer(&plan->by_key, g_hash_table_unref);
    g_clear_pointer(&plan->dirty, g_hash_table_unref);
    g_clear_pointer(&plan->seen, g_hash_table_unref);
    gf_stored_clear(&plan->stored);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

static bool plan_load(Plan *plan, GfStore *store, struct nvb_err *err)
{
    if (!gf_store_load(store, &plan->stored, err))
        return false;
    plan->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    plan->dirty = g_hash_table_new(NULL, NULL);
    plan->seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < plan->stored.entries->len; i++) {
        GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);

        g_hash_table_insert(plan->by_key, gf_entry_dup_key(stored->entry), stored);
    }
    return true;
}

static void add_new(Plan *plan, const GfEntry *found, char *take_key)
{
    GfStoredEntry *stored = g_new0(GfStoredEntry, 1);

    stored->entry = gf_entry_copy(found);
    stored->entry->starts_hidden = found->starts_hidden;
    g_ptr_array_add(plan->stored.entries, stored);
    g_hash_table_insert(plan->by_key, take_key, stored);
    g_hash_table_add(plan->dirty, stored);
    g_hash_table_add(plan->seen, stored);
}

static void lay_entry(Plan *plan, const GfEntry *found, GfImported *told)
{
    g_autofree char *key = gf_entry_dup_key(found);
    GfStoredEntry *stored = g_hash_table_lookup(plan->by_key, key);

    if (stored && g_hash_table_contains(plan->seen, stored))
        return; /* a source that tells of one thing twice */
    told->n_found++;
    if (!stored) {
        add_new(plan, found, g_steal_pointer(&key));
        told->n_new++;
        return;
    }
    g_hash_table_add(plan->seen, stored);
    if (gf_entry_is_equal(stored->entry, found))
        return;
    gf_entry_free(stored->entry);
    stored->entry = gf_entry_copy(found);
    g_hash_table_add(plan->dirty, stored);
    told->n_changed++;
}

/* What was not found is gone from a source that could be read whole, else out of reach. */
static void mark_unseen(Plan *plan, const GfFinds *finds, GfImported *told)
{
    for (guint i = 0; i < plan->stored.entries->len; i++) {
        GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);
        int64_t state = finds->is_complete ? GF_STATE_GONE : GF_STATE_ABSENT;

        if (g_hash_table_contains(plan->seen, stored) ||
            strcmp(stored->entry->source, finds->source) != 0 || stored->entry->state >= state)
            continue;
        stored->entry->state = state;
        g_hash_table_add(plan->dirty, stored);
        told->n_gone += finds->is_complete;
        told->n_absent += !finds->is_complete;
    }
}

static void lay_finds(Plan *plan, const GfFinds *finds, GfImported *told)
{
    for (guint i = 0; i < finds->entries->len; i++) {
        const GfEntry *entry = g_ptr_array_index(finds->entries, i);

        if (!entry->is_reference)
            lay_entry(plan, entry, told);
    }
}

static bool is_known(const Plan *plan, GHashTable *aliases, const char *key)
{
    return g_hash_table_contains(plan->by_key, key) || g_hash_table_contains(aliases, key);
}

/* A starter of another source's game is kept with it, and only then. */
static void lay_references(Plan *plan, const GfFinds *finds, GfImported *told)
{
    g_autoptr(GHashTable) aliases = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < plan->stored.entries->len; i++) {
        const GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);

        if (stored->entry->alias)
            g_hash_table_add(aliases, stored->entry->alias);
    }
    for (guint i = 0; i < finds->entries->len; i++) {
        const GfEntry *entry = g_ptr_array_index(finds->entries, i);

        if (entry->is_reference && is_known(plan, aliases, entry->same_as))
            lay_entry(plan, entry, told);
    }
}

/* Each group keeps the lowest number that one of its entries had, unless another group took it. */
static int64_t *choose_ids(const Plan *plan, const size_t *groups, size_t n_groups)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(g_int64_hash, g_int64_equal);
    int64_t *ids = g_new0(int64_t, n_groups + 1);

    for (guint i = 0; i < plan->stored.entries->len; i++) {
        GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);
        int64_t *id = &ids[groups[i]];

        if (stored->game_id != 0 && (*id == 0 || stored->game_id < *id))
            *id = stored->game_id;
    }
    for (size_t i = 0; i < n_groups; i++) {
        if (ids[i] != 0 && !g_hash_table_add(taken, &ids[i]))
            ids[i] = 0;
    }
    return ids;
}

static bool
add_game(GfStore *store, GfSlugs *slugs, const GfEntry *entry, int64_t *out_id, struct nvb_err *err)
{
    g_autofree char *slug = gf_slugs_dup_new(slugs, entry->title);

    return gf_store_add_game(store, slug, g_get_real_time() / G_USEC_PER_SEC, out_id, err) &&
           (!entry->starts_hidden || gf_store_set_hidden(store, *out_id, true, err));
}

static bool write_entries(const Plan *plan,
                          GfStore *store,
                          const size_t *groups,
                          int64_t *ids,
                          struct nvb_err *err)
{
    g_autoptr(GfSlugs) slugs = gf_slugs_new(&plan->stored);

    for (guint i = 0; i < plan->stored.entries->len; i++) {
        const GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);
        int64_t *id = &ids[groups[i]];

        if (*id == 0 && !add_game(store, slugs, stored->entry, id, err))
            return false;
        if ((stored->game_id != *id || g_hash_table_contains(plan->dirty, stored)) &&
            !gf_store_put_entry(store, stored->entry, *id, err))
            return false;
    }
    return true;
}

/* Games that were joined to another: what the user hid stays hidden. */
static bool remove_empty(const Plan *plan,
                         GfStore *store,
                         const size_t *groups,
                         int64_t *ids,
                         struct nvb_err *err)
{
    g_autoptr(GHashTable) heirs = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(GHashTable) kept = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = 0; i < plan->stored.entries->len; i++) {
        GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);

        g_hash_table_add(kept, &ids[groups[i]]);
        if (stored->game_id != 0 && stored->game_id != ids[groups[i]])
            g_hash_table_insert(heirs, &stored->game_id, &ids[groups[i]]);
    }
    for (guint i = 0; i < plan->stored.games->len; i++) {
        GfStoredGame *game = g_ptr_array_index(plan->stored.games, i);
        const int64_t *heir = g_hash_table_lookup(heirs, &game->id);

        if (g_hash_table_contains(kept, &game->id) || !heir)
            continue;
        if ((game->is_hidden && !gf_store_set_hidden(store, *heir, true, err)) ||
            !gf_store_remove_game(store, game->id, err))
            return false;
    }
    return true;
}

static bool is_same(const Plan *plan, const size_t *groups, const int64_t *ids)
{
    if (g_hash_table_size(plan->dirty) > 0)
        return false;
    for (guint i = 0; i < plan->stored.entries->len; i++) {
        const GfStoredEntry *stored = g_ptr_array_index(plan->stored.entries, i);

        if (stored->game_id != ids[groups[i]])
            return false;
    }
    return true;
}

static bool write_plan(const Plan *plan,
                       GfStore *store,
                       bool *out_is_stale,
                       bool *out_is_written,
                       struct nvb_err *err)
{
    g_autofree size_t *groups = g_new(size_t, plan->stored.entries->len + 1);
    size_t n_groups = gf_group_entries(plan->stored.entries, groups);
    g_autofree int64_t *ids = choose_ids(plan, groups, n_groups);

    *out_is_stale = false;
    *out_is_written = false;
    if (is_same(plan, groups, ids))
        return true;
    if (!gf_store_begin(store, out_is_stale, err))
        return false;
    if (*out_is_stale)
        return true;
    if (!write_entries(plan, store, groups, ids, err) ||
        !remove_empty(plan, store, groups, ids, err)) {
        gf_store_cancel(store);
        return false;
    }
    *out_is_written = true;
    return gf_store_commit(store, err);
}

static void tell_start(const GfFinds *finds, GfImported *told)
{
    nvb_strv_clear(&told->problems);
    *told = (GfImported){ .source = finds->source,
                          .is_present = finds->is_present,
                          .is_complete = finds->is_complete };
    nvb_strv_copy(&told->problems, &finds->problems);
}

static bool merge(GfStore *store,
                  const GPtrArray *scans,
                  GfImportReport *report,
                  bool *out_is_stale,
                  struct nvb_err *err)
{
    g_auto(Plan) plan = { 0 };

    if (!plan_load(&plan, store, err))
        return false;
    for (guint i = 0; i < scans->len; i++) {
        tell_start(g_ptr_array_index(scans, i), &report->items[i]);
        lay_finds(&plan, g_ptr_array_index(scans, i), &report->items[i]);
    }
    for (guint i = 0; i < scans->len; i++) {
        lay_references(&plan, g_ptr_array_index(scans, i), &report->items[i]);
        mark_unseen(&plan, g_ptr_array_index(scans, i), &report->items[i]);
    }
    return write_plan(&plan, store, out_is_stale, &report->is_written, err);
}

static GfFinds *scan(const GfSource *source, const GfPlaces *places, GfPlaceCache *cache)
{
    GfFinds *finds = gf_finds_new(source->name);

    source->scan(places, finds);
    for (guint i = 0; i < finds->entries->len; i++)
        gf_entry_find_place(g_ptr_array_index(finds->entries, i), cache);
    return finds;
}

static GPtrArray *scan_all(const GfPlaces *places, const struct nvb_strv *names)
{
    g_autoptr(GfPlaceCache) cache = gf_place_cache_new();
    GPtrArray *scans = g_ptr_array_new_with_free_func((GDestroyNotify)gf_finds_free);

    for (const GfSource *const *s = gf_sources; *s; s++) {
        if (names->n == 0 || nvb_strv_has(names, (*s)->name))
            g_ptr_array_add(scans, scan(*s, places, cache));
    }
    return scans;
}

static bool count_games(GfStore *store, size_t *out_n, struct nvb_err *err)
{
    g_autoptr(GPtrArray) games = NULL;

    if (!gf_library_load(store, &games, err))
        return false;
    *out_n = 0;
    for (guint i = 0; i < games->len; i++) {
        const GfGame *game = g_ptr_array_index(games, i);

        *out_n += !game->is_hidden && game->view->state != GF_STATE_GONE;
    }
    return true;
}

void gf_import_report_clear(GfImportReport *report)
{
    for (size_t i = 0; i < report->n; i++)
        nvb_strv_clear(&report->items[i].problems);
    g_clear_pointer(&report->items, g_free);
    report->n = 0;
}

bool gf_import(GfStore *store,
               const GfPlaces *places,
               const struct nvb_strv *names,
               GfImportReport *out_report,
               struct nvb_err *err)
{
    g_autoptr(GPtrArray) scans = scan_all(places, names);
    bool is_stale = true;

    out_report->n = scans->len;
    out_report->items = g_new0(GfImported, scans->len + 1);
    while (is_stale) {
        if (!merge(store, scans, out_report, &is_stale, err))
            return nvb_while(err, "cannot bring the library up to date");
    }
    return count_games(store, &out_report->n_games, err);
}
