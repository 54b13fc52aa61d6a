/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/entry_place.h"
#include "core/library.h"
#include "core/slug.h"

static bool
put(GfStore *store, GfEntry *entry, const char *slug, int64_t *out_id, struct nvb_err *err)
{
    int64_t now_s = g_get_real_time() / G_USEC_PER_SEC;

    return gf_store_add_game(store, slug, now_s, out_id, err) &&
           gf_store_put_entry(store, entry, *out_id, err);
}

/* It would be joined with that game when they are next imported. */
static bool check_new(const GfStored *stored, const GfEntry *entry, struct nvb_err *err)
{
    for (guint i = 0; i < stored->entries->len; i++) {
        const GfStoredEntry *other = g_ptr_array_index(stored->entries, i);

        if (g_strcmp0(other->entry->place, entry->place) != 0)
            continue;
        nvb_fail(err, NVB_D_GAMES, NVB_E_CONFLICT, "'%s' is in the library, as '%s' of %s",
                 entry->exe, other->entry->title, other->entry->source);
        return nvb_hint(err, "ghostforge show %s:%s", other->entry->source,
                        other->entry->native_id);
    }
    return true;
}

bool gf_library_add(GfStore *store, GfEntry *take_entry, int64_t *out_id, struct nvb_err *err)
{
    g_autoptr(GfEntry) entry = take_entry;
    g_autoptr(GfPlaceCache) cache = gf_place_cache_new();
    bool is_stale = true;

    gf_entry_find_place(entry, cache);
    while (is_stale) {
        g_auto(GfStored) stored = { 0 };
        g_autoptr(GfSlugs) slugs = NULL;
        g_autofree char *slug = NULL;

        if (!gf_store_load(store, &stored, err) || !gf_store_begin(store, &is_stale, err))
            return false;
        if (is_stale)
            continue;
        if (!check_new(&stored, entry, err)) {
            gf_store_cancel(store);
            return false;
        }
        slugs = gf_slugs_new(&stored);
        slug = gf_slugs_dup_new(slugs, entry->title);
        gf_entry_set_text(&entry->native_id, slug);
        if (!put(store, entry, slug, out_id, err)) {
            gf_store_cancel(store);
            return false;
        }
    }
    return gf_store_commit(store, err);
}
