/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "layer/dispatch.h"

#include <stdlib.h>

/* The key of an entry that somebody has reserved: no handle's first word points here. */
static const char reserved;

static const void *key_of(const void *handle)
{
    return *(const void *const *)handle;
}

static bool take(struct dispatch *entry)
{
    const void *expected = NULL;

    return atomic_compare_exchange_strong(&entry->key, &expected, &reserved);
}

struct dispatch *dispatch_reserve(struct dispatch_list *list)
{
    struct dispatch *entry = atomic_load(&list->first);

    for (; entry; entry = entry->next) {
        if (take(entry))
            return entry;
    }
    entry = calloc(1, sizeof(*entry));
    if (!entry)
        return NULL;
    atomic_init(&entry->key, &reserved);
    entry->next = atomic_load(&list->first);
    while (!atomic_compare_exchange_weak(&list->first, &entry->next, entry))
        ;
    return entry;
}

void dispatch_publish(struct dispatch *entry, const void *handle)
{
    atomic_store_explicit(&entry->key, key_of(handle), memory_order_release);
}

void dispatch_release(struct dispatch *entry)
{
    atomic_store_explicit(&entry->key, NULL, memory_order_release);
}

struct dispatch *dispatch_find(const struct dispatch_list *list, const void *handle)
{
    const void *key = handle ? key_of(handle) : NULL;
    struct dispatch *entry = atomic_load_explicit(&list->first, memory_order_acquire);

    if (!key)
        return NULL;
    while (entry && atomic_load_explicit(&entry->key, memory_order_acquire) != key)
        entry = entry->next;
    return entry;
}
