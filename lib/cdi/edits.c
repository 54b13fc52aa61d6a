/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/edits.h"

#include <string.h>

#include "cdi/edits_internal.h"

static char *dup_or_null(const char *s)
{
    return s ? nvb_xstrdup(s) : NULL;
}

static void free_node(void *item)
{
    struct nvb_device_node *node = item;

    free(node->path);
    free(node->host_path);
    free(node->type);
    free(node->permissions);
}

static void copy_node(void *to, const void *from)
{
    struct nvb_device_node *copy = to;
    const struct nvb_device_node *node = from;

    *copy = *node;
    copy->path = nvb_xstrdup(node->path);
    copy->host_path = dup_or_null(node->host_path);
    copy->type = dup_or_null(node->type);
    copy->permissions = dup_or_null(node->permissions);
}

static void free_mount(void *item)
{
    struct nvb_mount *mount = item;

    free(mount->host_path);
    free(mount->container_path);
    free(mount->type);
    nvb_strv_clear(&mount->options);
    nvb_buf_clear(&mount->content);
}

static void copy_mount(void *to, const void *from)
{
    struct nvb_mount *copy = to;
    const struct nvb_mount *mount = from;

    *copy = *mount;
    copy->host_path = dup_or_null(mount->host_path);
    copy->container_path = nvb_xstrdup(mount->container_path);
    copy->type = dup_or_null(mount->type);
    copy->options = (struct nvb_strv){ 0 };
    nvb_strv_copy(&copy->options, &mount->options);
    copy->content = (struct nvb_buf){ 0 };
    if (mount->kind == NVB_MOUNT_FILE)
        nvb_buf_add(&copy->content, mount->content.data, mount->content.len);
}

static void free_hook(void *item)
{
    struct nvb_hook *hook = item;

    free(hook->name);
    free(hook->path);
    nvb_strv_clear(&hook->args);
    nvb_strv_clear(&hook->env);
}

static void copy_hook(void *to, const void *from)
{
    struct nvb_hook *copy = to;
    const struct nvb_hook *hook = from;

    *copy = (struct nvb_hook){
        .name = nvb_xstrdup(hook->name),
        .path = nvb_xstrdup(hook->path),
        .has_timeout = hook->has_timeout,
        .timeout = hook->timeout,
    };
    nvb_strv_copy(&copy->args, &hook->args);
    nvb_strv_copy(&copy->env, &hook->env);
}

static void free_net_device(void *item)
{
    struct nvb_net_device *device = item;

    free(device->host_name);
    free(device->name);
}

static void copy_net_device(void *to, const void *from)
{
    const struct nvb_net_device *device = from;

    *(struct nvb_net_device *)to = (struct nvb_net_device){
        .host_name = nvb_xstrdup(device->host_name),
        .name = nvb_xstrdup(device->name),
    };
}

static void free_gid(void *item)
{
    (void)item;
}

static void copy_gid(void *to, const void *from)
{
    *(uint32_t *)to = *(const uint32_t *)from;
}

const struct edit_kind edit_kinds[] = {
    {sizeof(struct nvb_device_node), offsetof(struct nvb_edits, nodes),
     offsetof(struct nvb_edits, n_nodes), free_node, copy_node, edit_is_same_node },
    { sizeof(struct nvb_net_device),                        offsetof(struct nvb_edits, net_devices),
     offsetof(struct nvb_edits, n_net_devices), free_net_device, copy_net_device,
     edit_is_same_net_device },
    { sizeof(struct nvb_hook),                      offsetof(struct nvb_edits, hooks),
     offsetof(struct nvb_edits, n_hooks), free_hook, copy_hook, edit_is_same_hook },
    { sizeof(struct nvb_mount),                     offsetof(struct nvb_edits, mounts),
     offsetof(struct nvb_edits, n_mounts), free_mount, copy_mount, edit_is_same_mount },
    { sizeof(uint32_t),                             offsetof(struct nvb_edits, gids), offsetof(struct nvb_edits, n_gids),
     free_gid, copy_gid, edit_is_same_gid },
    { 0},
};

struct edit_list edit_list_of(struct nvb_edits *edits, const struct edit_kind *kind)
{
    char *base = (char *)edits;

    return (struct edit_list){
        .items = (void **)(void *)(base + kind->items_offset),
        .n = (size_t *)(void *)(base + kind->n_offset),
    };
}

struct edit_list edit_list_look(const struct nvb_edits *edits, const struct edit_kind *kind)
{
    return edit_list_of((struct nvb_edits *)(uintptr_t)edits, kind); // NOLINT: only looked at
}

void *edit_list_grow(struct edit_list list, const struct edit_kind *kind)
{
    size_t n = *list.n;
    char *items = NULL;

    /* Room doubles, so that a list is full exactly when its length is a power of two. */
    if ((n & (n - 1)) == 0)
        *list.items = nvb_xrealloc(*list.items, n ? n * 2 : 1, kind->size);
    items = *list.items;
    memset(items + n * kind->size, 0, kind->size);
    *list.n = n + 1;
    return items + n * kind->size;
}

void *nvb_edits_grow(struct nvb_edits *edits, enum edit_kind_index index)
{
    return edit_list_grow(edit_list_of(edits, &edit_kinds[index]), &edit_kinds[index]);
}

void nvb_edits_add_node(struct nvb_edits *edits, const char *path)
{
    struct nvb_device_node *node = NULL;

    for (size_t i = 0; i < edits->n_nodes; i++) {
        if (strcmp(edits->nodes[i].path, path) == 0)
            return;
    }
    node = nvb_edits_grow(edits, EDIT_NODES);
    node->path = nvb_xstrdup(path);
    node->permissions = nvb_xstrdup("rw");
}

struct nvb_mount *
nvb_edits_add_bind(struct nvb_edits *edits, const char *host_path, const char *container_path)
{
    struct nvb_mount *mount = nvb_edits_grow(edits, EDIT_MOUNTS);

    mount->kind = NVB_MOUNT_BIND;
    mount->container_path = nvb_xstrdup(container_path);
    mount->host_path = nvb_xstrdup(host_path);
    return mount;
}

void nvb_edits_add_file(struct nvb_edits *edits,
                        const char *container_path,
                        const void *data,
                        size_t len,
                        unsigned mode)
{
    struct nvb_mount *mount = nvb_edits_grow(edits, EDIT_MOUNTS);

    mount->kind = NVB_MOUNT_FILE;
    mount->container_path = nvb_xstrdup(container_path);
    nvb_buf_add(&mount->content, data, len);
    mount->mode = mode;
}

struct nvb_mount *
nvb_edits_add_link(struct nvb_edits *edits, const char *container_path, const char *text)
{
    struct nvb_mount *mount = nvb_edits_add_bind(edits, text, container_path);

    mount->kind = NVB_MOUNT_LINK;
    return mount;
}

void nvb_edits_add_gid(struct nvb_edits *edits, uint32_t gid)
{
    for (size_t i = 0; i < edits->n_gids; i++) {
        if (edits->gids[i] == gid)
            return;
    }
    if (gid != 0)
        *(uint32_t *)nvb_edits_grow(edits, EDIT_GIDS) = gid;
}

void nvb_intel_rdt_free(struct nvb_intel_rdt *rdt)
{
    if (!rdt)
        return;
    free(rdt->clos_id);
    free(rdt->l3_cache_schema);
    free(rdt->mem_bw_schema);
    nvb_strv_clear(&rdt->schemata);
    free(rdt);
}

struct nvb_intel_rdt *edit_dup_intel_rdt(const struct nvb_intel_rdt *rdt)
{
    struct nvb_intel_rdt *copy = nvb_xcalloc(1, sizeof(*copy));

    copy->clos_id = dup_or_null(rdt->clos_id);
    copy->l3_cache_schema = dup_or_null(rdt->l3_cache_schema);
    copy->mem_bw_schema = dup_or_null(rdt->mem_bw_schema);
    copy->has_monitoring = rdt->has_monitoring;
    nvb_strv_copy(&copy->schemata, &rdt->schemata);
    return copy;
}

bool nvb_edits_is_empty(const struct nvb_edits *edits)
{
    return edits->env.n == 0 && edits->n_nodes == 0 && edits->n_net_devices == 0 &&
           edits->n_hooks == 0 && edits->n_mounts == 0 && edits->n_gids == 0 && !edits->intel_rdt;
}

void nvb_edits_clear(struct nvb_edits *edits)
{
    for (const struct edit_kind *kind = edit_kinds; kind->size; kind++) {
        struct edit_list list = edit_list_of(edits, kind);

        for (size_t i = 0; i < *list.n; i++)
            kind->clear((char *)*list.items + i * kind->size);
        free(*list.items);
    }
    nvb_intel_rdt_free(edits->intel_rdt);
    nvb_strv_clear(&edits->env);
    *edits = (struct nvb_edits){ 0 };
}
