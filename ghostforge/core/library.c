/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/library.h"

#include <stdlib.h>
#include <string.h>

void gf_game_free(GfGame *game)
{
    if (!game)
        return;
    g_clear_pointer(&game->entries, g_ptr_array_unref);
    gf_entry_free(game->view);
    g_free(game->slug);
    g_free(game);
}

static int by_precedence(gconstpointer a, gconstpointer b)
{
    const GfEntry *l = *(const GfEntry *const *)a;
    const GfEntry *r = *(const GfEntry *const *)b;

    if (!l->same_as != !r->same_as)
        return l->same_as ? 1 : -1;
    if (l->state != r->state)
        return l->state < r->state ? -1 : 1;
    return gf_source_rank(l->source) - gf_source_rank(r->source);
}

static void make_view(GfGame *game)
{
    g_ptr_array_sort(game->entries, by_precedence);
    game->view = gf_entry_copy(g_ptr_array_index(game->entries, 0));
    for (guint i = 1; i < game->entries->len; i++)
        gf_entry_fill(game->view, g_ptr_array_index(game->entries, i));
    if (!game->view->title)
        game->view->title = g_strdup(game->slug);
}

/* The title as people sort it, made once a game: comparing them is most of sorting. */
typedef struct {
    char *key; /* owned */
    GfGame *game;
} Sorted;

static int by_title(gconstpointer a, gconstpointer b)
{
    const Sorted *l = a;
    const Sorted *r = b;
    int order = strcmp(l->key, r->key);

    if (order == 0)
        order = l->game->id < r->game->id ? -1 : 1;
    return order;
}

static void sort_by_title(GPtrArray *games)
{
    g_autofree Sorted *sorted = g_new(Sorted, games->len + 1);

    for (guint i = 0; i < games->len; i++) {
        sorted[i].game = g_ptr_array_index(games, i);
        sorted[i].key = g_utf8_casefold(sorted[i].game->view->title, -1);
    }
    qsort(sorted, games->len, sizeof(*sorted), by_title);
    for (guint i = 0; i < games->len; i++) {
        games->pdata[i] = sorted[i].game;
        g_free(sorted[i].key);
    }
}

static GfGame *game_new(const GfStoredGame *stored)
{
    GfGame *game = g_new0(GfGame, 1);

    game->id = stored->id;
    game->slug = g_strdup(stored->slug);
    game->is_hidden = stored->is_hidden;
    game->added_s = stored->added_s;
    game->entries = g_ptr_array_new_with_free_func((GDestroyNotify)gf_entry_free);
    return game;
}

bool gf_library_load(GfStore *store, GPtrArray **out_games, struct nvb_err *err)
{
    g_autoptr(GPtrArray) games = g_ptr_array_new_with_free_func((GDestroyNotify)gf_game_free);
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_auto(GfStored) stored = { 0 };

    if (!gf_store_load(store, &stored, err))
        return false;
    for (guint i = 0; i < stored.games->len; i++) {
        GfGame *game = game_new(g_ptr_array_index(stored.games, i));

        g_ptr_array_add(games, game);
        g_hash_table_insert(by_id, &game->id, game);
    }
    for (guint i = 0; i < stored.entries->len; i++) {
        GfStoredEntry *entry = g_ptr_array_index(stored.entries, i);
        GfGame *game = g_hash_table_lookup(by_id, &entry->game_id);

        if (game)
            g_ptr_array_add(game->entries, g_steal_pointer(&entry->entry));
    }
    for (guint i = games->len; i-- > 0;) {
        GfGame *game = g_ptr_array_index(games, i);

        if (game->entries->len == 0) {
            g_ptr_array_remove_index(games, i);
        } else {
            make_view(game);
        }
    }
    sort_by_title(games);
    *out_games = g_steal_pointer(&games);
    return true;
}

static bool has_key(const GfGame *game, const char *word)
{
    for (guint i = 0; i < game->entries->len; i++) {
        const GfEntry *entry = g_ptr_array_index(game->entries, i);
        size_t len = strlen(entry->source);

        if (g_strcmp0(entry->alias, word) == 0 ||
            (strncmp(word, entry->source, len) == 0 && word[len] == ':' &&
             strcmp(word + len + 1, entry->native_id) == 0))
            return true;
    }
    return false;
}

static bool is_exactly(const GfGame *game, const char *word, const char *folded)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, game->id);
    g_autofree char *title = NULL;

    if (strcmp(id, word) == 0 || strcmp(game->slug, word) == 0 || has_key(game, word))
        return true;
    title = g_utf8_casefold(game->view->title, -1);
    return strcmp(title, folded) == 0;
}

static bool has_part(const GfGame *game, const char *folded)
{
    g_autofree char *title = g_utf8_casefold(game->view->title, -1);

    return strstr(title, folded) != NULL;
}

static bool fail_many(const char *word, const struct nvb_strv *slugs, size_t n, struct nvb_err *err)
{
    nvb_autofree char *list = nvb_strv_join(slugs, ", ");

    nvb_fail(err, NVB_D_GAMES, NVB_E_CONFLICT, "'%s' may mean %zu games", word, n);
    return nvb_hint(err, "say which: %s%s", list, n > slugs->n ? ", ..." : "");
}

static bool fail_none(const GPtrArray *games, const char *word, struct nvb_err *err)
{
    nvb_auto_strv slugs = { 0 };
    const char *near = NULL;

    for (guint i = 0; i < games->len; i++)
        nvb_strv_add(&slugs, ((const GfGame *)g_ptr_array_index(games, i))->slug);
    near = slugs.n > 0 ? nvb_nearest(word, (const char *const *)slugs.items) : NULL;
    nvb_fail(err, NVB_D_GAMES, NVB_E_NOT_FOUND, "there is no game '%s'", word);
    return near ? nvb_hint(err, "did you mean '%s'?", near)
                : nvb_hint(err,
                           "'ghostforge list' names them; 'ghostforge import' looks for new ones");
}

/* What is said exactly comes before what only has it in its title. */
const GfGame *gf_library_find(const GPtrArray *games, const char *word, struct nvb_err *err)
{
    enum {
        SHOWN_MAX = 5
    };

    g_autofree char *valid = g_utf8_make_valid(word, -1);
    g_autofree char *folded = g_utf8_casefold(valid, -1);

    for (int pass = 0; pass < 2 && *word; pass++) {
        const GfGame *found = NULL;
        nvb_auto_strv slugs = { 0 };
        size_t n = 0;

        for (guint i = 0; i < games->len; i++) {
            const GfGame *game = g_ptr_array_index(games, i);

            if (pass == 0 ? !is_exactly(game, word, folded) : !has_part(game, folded))
                continue;
            if (strcmp(game->slug, word) == 0) /* titles of others may be that, too */
                return game;
            found = game;
            if (n++ < SHOWN_MAX)
                nvb_strv_add(&slugs, game->slug);
        }
        if (n == 1)
            return found;
        if (n > 1) {
            fail_many(word, &slugs, n, err);
            return NULL;
        }
    }
    fail_none(games, word, err);
    return NULL;
}
