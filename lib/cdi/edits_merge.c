/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Edits set against edits: the same or not, appended, sorted, subtracted. */
#include <string.h>

#include "cdi/edits_internal.h"

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_list(const struct nvb_strv *a, const struct nvb_strv *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

bool edit_is_same_node(const void *a, const void *b)
{
    const struct nvb_device_node *l = a;
    const struct nvb_device_node *r = b;

    return is_same_text(l->path, r->path) && is_same_text(l->host_path, r->host_path) &&
           is_same_text(l->type, r->type) && is_same_text(l->permissions, r->permissions) &&
           l->major == r->major && l->minor == r->minor && l->has_mode == r->has_mode &&
           l->has_uid == r->has_uid && l->has_gid == r->has_gid && l->mode == r->mode &&
           l->uid == r->uid && l->gid == r->gid;
}

bool edit_is_same_net_device(const void *a, const void *b)
{
    const struct nvb_net_device *l = a;
    const struct nvb_net_device *r = b;

    return is_same_text(l->host_name, r->host_name) && is_same_text(l->name, r->name);
}

bool edit_is_same_hook(const void *a, const void *b)
{
    const struct nvb_hook *l = a;
    const struct nvb_hook *r = b;

    return is_same_text(l->name, r->name) && is_same_text(l->path, r->path) &&
           is_same_list(&l->args, &r->args) && is_same_list(&l->env, &r->env) &&
           l->has_timeout == r->has_timeout && l->timeout == r->timeout;
}

static bool is_same_content(const struct nvb_buf *a, const struct nvb_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool edit_is_same_mount(const void *a, const void *b)
{
    const struct nvb_mount *l = a;
    const struct nvb_mount *r = b;

    return l->kind == r->kind && is_same_text(l->container_path, r->container_path) &&
           is_same_text(l->host_path, r->host_path) && is_same_text(l->type, r->type) &&
           l->is_foreign == r->is_foreign && is_same_list(&l->options, &r->options) &&
           l->is_writable == r->is_writable && l->is_recursive == r->is_recursive &&
           l->is_noexec == r->is_noexec && l->is_mapped == r->is_mapped &&
           l->is_made == r->is_made && l->mode == r->mode &&
           is_same_content(&l->content, &r->content);
}

bool edit_is_same_gid(const void *a, const void *b)
{
    return *(const uint32_t *)a == *(const uint32_t *)b;
}

static bool has(struct edit_list list, size_t n, const struct edit_kind *kind, const void *item)
{
    for (size_t i = 0; i < n; i++) {
        if (kind->is_same((const char *)*list.items + i * kind->size, item))
            return true;
    }
    return false;
}

static void append_nodes(struct nvb_edits *to, const struct nvb_edits *from)
{
    const struct edit_kind *kind = &edit_kinds[EDIT_NODES];
    size_t n_before = to->n_nodes;

    for (size_t i = 0; i < from->n_nodes; i++) {
        struct nvb_device_node *place = NULL;

        for (size_t k = 0; k < n_before && !place; k++) {
            if (strcmp(to->nodes[k].path, from->nodes[i].path) == 0)
                place = &to->nodes[k];
        }
        if (place) {
            kind->clear(place);
        } else {
            place = nvb_edits_grow(to, EDIT_NODES);
        }
        kind->copy(place, &from->nodes[i]);
    }
}

/* Only what was there before is looked through: to fill empty edits costs no comparing. */
static void
append_list(struct nvb_edits *to, const struct nvb_edits *from, const struct edit_kind *kind)
{
    struct edit_list source = edit_list_look(from, kind);
    struct edit_list target = edit_list_of(to, kind);
    size_t n_before = *target.n;

    for (size_t i = 0; i < *source.n; i++) {
        const char *item = (const char *)*source.items + i * kind->size;

        if (!has(target, n_before, kind, item))
            kind->copy(edit_list_grow(target, kind), item);
    }
}

void nvb_edits_append(struct nvb_edits *to, const struct nvb_edits *from)
{
    size_t n_before = to->env.n;
    struct nvb_strv before = { .items = to->env.items, .n = n_before };

    for (size_t i = 0; i < from->env.n; i++) {
        if (!nvb_strv_has(&before, from->env.items[i]))
            nvb_strv_add(&to->env, from->env.items[i]);
        before.items = to->env.items; /* adding may have moved them */
    }
    append_nodes(to, from);
    append_list(to, from, &edit_kinds[EDIT_NET_DEVICES]);
    append_list(to, from, &edit_kinds[EDIT_HOOKS]);
    append_list(to, from, &edit_kinds[EDIT_MOUNTS]);
    append_list(to, from, &edit_kinds[EDIT_GIDS]);
    if (from->intel_rdt) {
        nvb_intel_rdt_free(to->intel_rdt);
        to->intel_rdt = edit_dup_intel_rdt(from->intel_rdt);
    }
}

/* Slashes of the path as Go's path.Clean() would write it, which is what NVIDIA's tool counts. It is
 * asked for each comparison of a sort, so what no path has is only looked for where a '.' is. */
static size_t depth_of(const char *path)
{
    size_t n = 0;

    for (path = strchr(path, '/'); path; path = strchr(path + 1, '/')) {
        bool is_odd = path[1] == '/' || (path[1] == '.' && path[2] == '/');
        bool may_be_last = path[1] == '\0' || path[1] == '.';

        if (!is_odd && !(may_be_last && n > 0 && path[strspn(path, "/.")] == '\0'))
            n++;
    }
    return n;
}

static int by_path(const char *a, const char *b)
{
    size_t depth_a = depth_of(a);
    size_t depth_b = depth_of(b);

    if (depth_a != depth_b)
        return depth_a < depth_b ? -1 : 1;
    return strcmp(a, b);
}

static int by_node_path(const void *a, const void *b)
{
    return by_path(((const struct nvb_device_node *)a)->path,
                   ((const struct nvb_device_node *)b)->path);
}

static int by_container_path(const void *a, const void *b)
{
    return by_path(((const struct nvb_mount *)a)->container_path,
                   ((const struct nvb_mount *)b)->container_path);
}

static int by_number(const void *a, const void *b)
{
    uint32_t l = *(const uint32_t *)a;
    uint32_t r = *(const uint32_t *)b;

    return (l > r) - (l < r);
}

/* Keep the entries that `wanted` agrees to, in their order. */
static void filter(struct nvb_edits *edits,
                   const struct edit_kind *kind,
                   bool (*wanted)(struct edit_list kept,
                                  size_t n_kept,
                                  const struct edit_kind *kind,
                                  const void *item,
                                  const struct nvb_edits *other),
                   const struct nvb_edits *other)
{
    struct edit_list list = edit_list_of(edits, kind);
    char *items = *list.items;
    size_t n_kept = 0;

    for (size_t i = 0; i < *list.n; i++) {
        char *item = items + i * kind->size;

        if (!wanted(list, n_kept, kind, item, other)) {
            kind->clear(item);
            continue;
        }
        if (n_kept != i)
            memcpy(items + n_kept * kind->size, item, kind->size);
        n_kept++;
    }
    /* The room of a list must stay what its length says: edit_list_grow(). */
    if (*list.n != n_kept && n_kept > 0) {
        size_t room = 1;

        while (room < n_kept)
            room *= 2;
        *list.items = nvb_xrealloc(items, room, kind->size);
    }
    *list.n = n_kept;
}

static bool is_first(struct edit_list kept,
                     size_t n_kept,
                     const struct edit_kind *kind,
                     const void *item,
                     const struct nvb_edits *other)
{
    (void)other;
    return !has(kept, n_kept, kind, item);
}

static bool is_absent(struct edit_list kept,
                      size_t n_kept,
                      const struct edit_kind *kind,
                      const void *item,
                      const struct nvb_edits *other)
{
    struct edit_list others = edit_list_look(other, kind);

    (void)kept;
    (void)n_kept;
    return !has(others, *others.n, kind, item);
}

static void keep_env(struct nvb_strv *env, const struct nvb_strv *unwanted)
{
    struct nvb_strv kept = { 0 };

    for (size_t i = 0; i < env->n; i++) {
        if (!nvb_strv_has(&kept, env->items[i]) &&
            !(unwanted && nvb_strv_has(unwanted, env->items[i])))
            nvb_strv_add(&kept, env->items[i]);
    }
    nvb_strv_clear(env);
    *env = kept;
}

/* NULL and 0 to qsort() would be undefined. */
static void sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    if (n > 1)
        qsort(items, n, size, compare);
}

void nvb_edits_normalise(struct nvb_edits *edits)
{
    for (const struct edit_kind *kind = edit_kinds; kind->size; kind++)
        filter(edits, kind, is_first, NULL);
    keep_env(&edits->env, NULL);
    sort(edits->nodes, edits->n_nodes, sizeof(*edits->nodes), by_node_path);
    sort(edits->mounts, edits->n_mounts, sizeof(*edits->mounts), by_container_path);
    sort(edits->gids, edits->n_gids, sizeof(*edits->gids), by_number);
}

void nvb_edits_subtract(struct nvb_edits *edits, const struct nvb_edits *common)
{
    nvb_auto_edits rest = { 0 };

    nvb_edits_append(&rest, edits);
    for (const struct edit_kind *kind = edit_kinds; kind->size; kind++)
        filter(&rest, kind, is_absent, common);
    keep_env(&rest.env, &common->env);
    if (nvb_edits_is_empty(&rest))
        return;
    nvb_edits_clear(edits);
    *edits = rest;
    rest = (struct nvb_edits){ 0 };
}
