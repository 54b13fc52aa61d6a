/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "game_text.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
};

struct nvb_json *game_to_json(const GfGame *game, bool has_entries)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *sources = nvb_json_new_array();

    nvb_json_set_i64(json, "id", game->id);
    nvb_json_set_str(json, "slug", game->slug);
    nvb_json_set_bool(json, "hidden", game->is_hidden);
    nvb_json_set_i64(json, "added", game->added_s);
    gf_entry_add_json(game->view, json);
    for (guint i = 0; i < game->entries->len; i++) {
        const GfEntry *entry = g_ptr_array_index(game->entries, i);
        g_autofree char *key = gf_entry_dup_key(entry);

        if (has_entries) {
            struct nvb_json *one = nvb_json_new_object();

            gf_entry_add_json(entry, one);
            nvb_json_append(sources, one);
        } else {
            nvb_json_append(sources, nvb_json_new_str(key));
        }
    }
    nvb_json_set(json, "sources", sources);
    return json;
}

char *game_dup_time_text(int64_t seconds)
{
    if (seconds < MINUTE_S)
        return g_strdup("-");
    if (seconds < HOUR_S)
        return g_strdup_printf("%d m", (int)(seconds / MINUTE_S));
    return g_strdup_printf("%" G_GINT64_FORMAT " h", seconds / HOUR_S);
}
