/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Container edits as JSON, keys in the order in which NVIDIA's tool writes them. */
#include "cdi/edits_internal.h"

static void tell_text(struct nvb_sink *sink, const char *key, const char *text)
{
    if (text)
        nvb_sink_str(sink, key, text);
}

static void tell_list(struct nvb_sink *sink, const char *key, const struct nvb_strv *list)
{
    if (list->n == 0)
        return;
    nvb_sink_open(sink, key, '[');
    for (size_t i = 0; i < list->n; i++)
        nvb_sink_str(sink, NULL, list->items[i]);
    (void)nvb_sink_close(sink);
}

static void tell_number(struct nvb_sink *sink, const char *key, uint32_t number, bool is_there)
{
    if (is_there)
        nvb_sink_u64(sink, key, number);
}

static void tell_node(struct nvb_sink *sink, const void *item)
{
    const struct nvb_device_node *node = item;

    nvb_sink_open(sink, NULL, '{');
    nvb_sink_str(sink, "path", node->path);
    tell_text(sink, "hostPath", node->host_path);
    tell_text(sink, "type", node->type);
    tell_number(sink, "major", node->major, node->major != 0);
    tell_number(sink, "minor", node->minor, node->minor != 0);
    tell_number(sink, "fileMode", node->mode, node->has_mode);
    tell_text(sink, "permissions", node->permissions);
    tell_number(sink, "uid", node->uid, node->has_uid);
    tell_number(sink, "gid", node->gid, node->has_gid);
    (void)nvb_sink_close(sink);
}

static void tell_net_device(struct nvb_sink *sink, const void *item)
{
    const struct nvb_net_device *device = item;

    nvb_sink_open(sink, NULL, '{');
    nvb_sink_str(sink, "hostInterfaceName", device->host_name);
    nvb_sink_str(sink, "name", device->name);
    (void)nvb_sink_close(sink);
}

static void tell_hook(struct nvb_sink *sink, const void *item)
{
    const struct nvb_hook *hook = item;

    nvb_sink_open(sink, NULL, '{');
    nvb_sink_str(sink, "hookName", hook->name);
    nvb_sink_str(sink, "path", hook->path);
    tell_list(sink, "args", &hook->args);
    tell_list(sink, "env", &hook->env);
    tell_number(sink, "timeout", hook->timeout, hook->has_timeout);
    (void)nvb_sink_close(sink);
}

void nvb_mount_copy_options(const struct nvb_mount *mount, struct nvb_strv *out_options)
{
    if (mount->is_foreign) {
        nvb_strv_copy(out_options, &mount->options);
        return;
    }
    nvb_strv_add(out_options, mount->is_writable ? "rw" : "ro");
    nvb_strv_add(out_options, "nosuid");
    nvb_strv_add(out_options, "nodev");
    nvb_strv_add(out_options, mount->is_recursive ? "rbind" : "bind");
    nvb_strv_add(out_options, "rprivate");
    if (mount->is_noexec)
        nvb_strv_add(out_options, "noexec");
    if (mount->is_mapped)
        nvb_strv_add(out_options, "idmap");
}

static void tell_mount(struct nvb_sink *sink, const void *item)
{
    const struct nvb_mount *mount = item;
    nvb_auto_strv options = { 0 };

    nvb_sink_open(sink, NULL, '{');
    switch (mount->kind) {
    case NVB_MOUNT_FILE:
        nvb_sink_str(sink, "containerPath", mount->container_path);
        nvb_sink_str(sink, "type", "nvbind-file");
        nvb_sink_u64(sink, "size", mount->content.len);
        break;
    case NVB_MOUNT_LINK:
        nvb_sink_str(sink, "containerPath", mount->container_path);
        nvb_sink_str(sink, "hostPath", mount->host_path);
        nvb_sink_str(sink, "type", "nvbind-link");
        break;
    case NVB_MOUNT_BIND:
    case NVB_MOUNT_FS:
        nvb_mount_copy_options(mount, &options);
        nvb_sink_str(sink, "hostPath", mount->host_path);
        nvb_sink_str(sink, "containerPath", mount->container_path);
        tell_list(sink, "options", &options);
        tell_text(sink, "type", mount->type);
        break;
    }
    (void)nvb_sink_close(sink);
}

static struct nvb_json *
tell_rdt(struct nvb_sink *sink, const char *key, const struct nvb_intel_rdt *rdt)
{
    nvb_sink_open(sink, key, '{');
    tell_text(sink, "closID", rdt->clos_id);
    tell_text(sink, "l3CacheSchema", rdt->l3_cache_schema);
    tell_text(sink, "memBwSchema", rdt->mem_bw_schema);
    tell_list(sink, "schemata", &rdt->schemata);
    if (rdt->has_monitoring)
        nvb_sink_bool(sink, "enableMonitoring", true);
    return nvb_sink_close(sink);
}

static void tell_gid(struct nvb_sink *sink, const void *item)
{
    nvb_sink_u64(sink, NULL, *(const uint32_t *)item);
}

static void tell_array(struct nvb_sink *sink,
                       const char *key,
                       const struct nvb_edits *edits,
                       enum edit_kind_index index,
                       void (*tell)(struct nvb_sink *sink, const void *item))
{
    const struct edit_kind *kind = &edit_kinds[index];
    const struct edit_list list = edit_list_look(edits, kind);

    if (*list.n == 0)
        return;
    nvb_sink_open(sink, key, '[');
    for (size_t i = 0; i < *list.n; i++)
        tell(sink, (const char *)*list.items + i * kind->size);
    (void)nvb_sink_close(sink);
}

struct nvb_json *
nvb_edits_tell(struct nvb_sink *sink, const char *key, const struct nvb_edits *edits)
{
    nvb_sink_open(sink, key, '{');
    tell_list(sink, "env", &edits->env);
    tell_array(sink, "deviceNodes", edits, EDIT_NODES, tell_node);
    tell_array(sink, "netDevices", edits, EDIT_NET_DEVICES, tell_net_device);
    tell_array(sink, "hooks", edits, EDIT_HOOKS, tell_hook);
    tell_array(sink, "mounts", edits, EDIT_MOUNTS, tell_mount);
    if (edits->intel_rdt)
        (void)tell_rdt(sink, "intelRdt", edits->intel_rdt);
    tell_array(sink, "additionalGids", edits, EDIT_GIDS, tell_gid);
    return nvb_sink_close(sink);
}

struct nvb_json *nvb_edits_to_json(const struct nvb_edits *edits)
{
    struct nvb_sink tree = { 0 };

    return nvb_edits_tell(&tree, NULL, edits);
}

struct nvb_json *nvb_intel_rdt_to_json(const struct nvb_intel_rdt *rdt)
{
    struct nvb_sink tree = { 0 };

    return tell_rdt(&tree, NULL, rdt);
}
