/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/slug.h"

#include <string.h>

enum {
    SLUG_MAX = 60,
};

/* "(R)" and "(TM)" would be made of them. */
static char *dup_without_marks(const char *title)
{
    g_autofree char *copy = g_strdup(title);
    GString *plain = g_string_new(NULL);

    for (char *p = copy; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c != 0xae && c != 0xa9 && c != 0x2122)
            g_string_append_unichar(plain, c);
    }
    return g_string_free(plain, FALSE);
}

char *gf_slug_dup(const char *title)
{
    g_autofree char *plain = dup_without_marks(title ? title : "");
    g_autofree char *ascii = g_str_to_ascii(plain, "C");
    GString *slug = g_string_new(NULL);

    for (const char *p = ascii; *p && slug->len < SLUG_MAX; p++) {
        if (g_ascii_isalnum(*p)) {
            g_string_append_c(slug, g_ascii_tolower(*p));
        } else if (*p != '\'' && slug->len > 0 && slug->str[slug->len - 1] != '-') {
            g_string_append_c(slug, '-'); /* an apostrophe parts no words */
        }
    }
    if (slug->len > 0 && slug->str[slug->len - 1] == '-')
        g_string_truncate(slug, slug->len - 1);
    /* A number alone would be taken for an id. */
    if (slug->len == 0 || strspn(slug->str, "0123456789") == slug->len)
        g_string_prepend(slug, slug->len == 0 ? "game" : "game-");
    return g_string_free(slug, FALSE);
}

struct GfSlugs {
    GHashTable *taken;
    GHashTable *last; /* name -> the number that was given last: thousands may be called the same */
};

GfSlugs *gf_slugs_new(const GfStored *stored)
{
    GfSlugs *slugs = g_new0(GfSlugs, 1);

    slugs->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    slugs->last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < stored->games->len; i++) {
        const GfStoredGame *game = g_ptr_array_index(stored->games, i);

        g_hash_table_add(slugs->taken, g_strdup(game->slug));
    }
    return slugs;
}

void gf_slugs_free(GfSlugs *slugs)
{
    if (!slugs)
        return;
    g_hash_table_unref(slugs->taken);
    g_hash_table_unref(slugs->last);
    g_free(slugs);
}

char *gf_slugs_dup_new(GfSlugs *slugs, const char *title)
{
    g_autofree char *base = gf_slug_dup(title);
    char *slug = g_strdup(base);
    unsigned number = MAX(1, GPOINTER_TO_UINT(g_hash_table_lookup(slugs->last, base)));

    while (g_hash_table_contains(slugs->taken, slug)) {
        g_free(slug);
        slug = g_strdup_printf("%s-%u", base, ++number);
    }
    g_hash_table_insert(slugs->last, g_steal_pointer(&base), GUINT_TO_POINTER(number));
    g_hash_table_add(slugs->taken, g_strdup(slug));
    return slug;
}
