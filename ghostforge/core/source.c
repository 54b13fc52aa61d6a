/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/source.h"

#include <stdarg.h>
#include <string.h>

const GfSource *const gf_sources[] = {
    &gf_source_steam,
    NULL,
};

const char *const gf_source_names[] = { "steam", NULL };

const GfSource *gf_source_find(const char *name)
{
    for (const GfSource *const *s = gf_sources; *s; s++) {
        if (strcmp((*s)->name, name) == 0)
            return *s;
    }
    return NULL;
}

int gf_source_rank(const char *name)
{
    int rank = 0;

    if (strcmp(name, GF_SOURCE_MANUAL) == 0)
        return -1;
    while (gf_sources[rank] && strcmp(gf_sources[rank]->name, name) != 0)
        rank++;
    return rank;
}

GfFinds *gf_finds_new(const char *source)
{
    GfFinds *finds = g_new0(GfFinds, 1);

    finds->source = source;
    finds->entries = g_ptr_array_new_with_free_func((GDestroyNotify)gf_entry_free);
    finds->is_complete = true;
    return finds;
}

void gf_finds_free(GfFinds *finds)
{
    if (!finds)
        return;
    g_ptr_array_unref(finds->entries);
    nvb_strv_clear(&finds->problems);
    g_free(finds);
}

GfEntry *gf_finds_add(GfFinds *finds, const char *native_id)
{
    GfEntry *entry = gf_entry_new(finds->source, native_id);

    g_ptr_array_add(finds->entries, entry);
    return entry;
}

void gf_finds_miss(GfFinds *finds, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nvb_strv_take(&finds->problems, g_strdup_vprintf(fmt, ap));
    va_end(ap);
    finds->is_complete = false;
}

void gf_finds_miss_err(GfFinds *finds, const struct nvb_err *err)
{
    gf_finds_miss(finds, "%s", err->lines[0]);
}
