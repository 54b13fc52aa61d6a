/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/source.h"

#include <stdarg.h>
#include <string.h>

const GfSource *const gf_sources[] = {
    &gf_source_steam,   &gf_source_heroic,  &gf_source_lutris,
    &gf_source_bottles, &gf_source_desktop, NULL,
};

const char *const gf_source_names[] = { "steam", "heroic", "lutris", "bottles", "desktop", NULL };

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

/* Two files may name one drive. */
static void add_problem(GfFinds *finds, const char *text)
{
    enum {
        COMPARED_MAX = 100
    };

    if (finds->problems.n > COMPARED_MAX || !nvb_strv_has(&finds->problems, text))
        nvb_strv_add(&finds->problems, text);
}

void gf_finds_miss(GfFinds *finds, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    add_problem(finds, text);
    finds->is_complete = false;
}

void gf_finds_note_err(GfFinds *finds, const struct nvb_err *err)
{
    add_problem(finds, err->lines[0]);
}

void gf_finds_miss_err(GfFinds *finds, const struct nvb_err *err)
{
    gf_finds_miss(finds, "%s", err->lines[0]);
}
