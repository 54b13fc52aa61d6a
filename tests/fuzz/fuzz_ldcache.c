/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What can be written again is written the same twice, and in the loader's order. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/ldcache.h"

enum {
    WRITTEN_MAX = 200, /* entries may share one long string, which writing multiplies */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_strings(const struct nvb_ldcache *cache)
{
    for (size_t i = 0; i < cache->n; i++) {
        const struct nvb_ldcache_entry *e = &cache->items[i];

        if (strlen(e->soname) >= PATH_MAX || strlen(e->path) >= PATH_MAX)
            abort();
        if (e->hwcaps && strlen(e->hwcaps) >= PATH_MAX)
            abort();
    }
}

static void check_order(const struct nvb_ldcache *cache)
{
    for (size_t i = 1; i < cache->n; i++) {
        if (nvb_ldcache_compare_sonames(cache->items[i - 1].soname, cache->items[i].soname) < 0)
            abort();
    }
}

static bool has_wrapping_number(const struct nvb_ldcache *cache)
{
    for (size_t i = 0; i < cache->n; i++) {
        const char *digits = cache->items[i].soname;

        while (*digits) {
            size_t len = strspn(digits, "0123456789");

            if (len > 9)
                return true;
            digits += len ? len : 1;
        }
    }
    return false;
}

static void check_again(const struct nvb_ldcache *cache)
{
    nvb_auto_ldcache once = { 0 };
    nvb_auto_buf bytes = { 0 };
    nvb_auto_buf again = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_ldcache_write(cache->items, cache->n, &bytes, &err))
        return;
    if (!nvb_ldcache_parse(bytes.data, bytes.len, &once, &err) || once.n != cache->n)
        abort();
    if (has_wrapping_number(cache)) /* numbers that wrap have no order, in the loader neither */
        return;
    check_order(&once);
    if (!nvb_ldcache_write(once.items, once.n, &again, &err) || again.len != bytes.len ||
        memcmp(again.data, bytes.data, bytes.len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_auto_ldcache cache = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_ldcache_parse(data, size, &cache, &err)) {
        if (cache.items || err.n_lines == 0)
            abort();
        return 0;
    }
    check_strings(&cache);
    if (cache.n <= WRITTEN_MAX)
        check_again(&cache);
    return 0;
}
