/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Container edits as JSON, keys in the order in which NVIDIA's tool writes them. */
#include "cdi/edits_internal.h"

static void set_text(struct nvb_json *object, const char *key, const char *text)
{
    if (text)
        nvb_json_set_str(object, key, text);
}

static void set_list(struct nvb_json *object, const char *key, const struct nvb_strv *list)
{
    if (list->n > 0)
        nvb_json_set(object, key, nvb_json_new_strv(list));
}

static void set_number(struct nvb_json *object, const char *key, uint32_t number, bool is_there)
{
    if (is_there)
        nvb_json_set_u64(object, key, number);
}

static struct nvb_json *node_to_json(const void *item)
{
    const struct nvb_device_node *node = item;
    struct nvb_json *object = nvb_json_new_object();

    nvb_json_set_str(object, "path", node->path);
    set_text(object, "hostPath", node->host_path);
    set_text(object, "type", node->type);
    set_number(object, "major", node->major, node->major != 0);
    set_number(object, "minor", node->minor, node->minor != 0);
    set_number(object, "fileMode", node->mode, node->has_mode);
    set_text(object, "permissions", node->permissions);
    set_number(object, "uid", node->uid, node->has_uid);
    set_number(object, "gid", node->gid, node->has_gid);
    return object;
}

static struct nvb_json *net_device_to_json(const void *item)
{
    const struct nvb_net_device *device = item;
    struct nvb_json *object = nvb_json_new_object();

    nvb_json_set_str(object, "hostInterfaceName", device->host_name);
    nvb_json_set_str(object, "name", device->name);
    return object;
}

static struct nvb_json *hook_to_json(const void *item)
{
    const struct nvb_hook *hook = item;
    struct nvb_json *object = nvb_json_new_object();

    nvb_json_set_str(object, "hookName", hook->name);
    nvb_json_set_str(object, "path", hook->path);
    set_list(object, "args", &hook->args);
    set_list(object, "env", &hook->env);
    set_number(object, "timeout", hook->timeout, hook->has_timeout);
    return object;
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

static struct nvb_json *mount_to_json(const void *item)
{
    const struct nvb_mount *mount = item;
    struct nvb_json *object = nvb_json_new_object();
    nvb_auto_strv options = { 0 };

    if (mount->kind == NVB_MOUNT_FILE) {
        nvb_json_set_str(object, "containerPath", mount->container_path);
        nvb_json_set_str(object, "type", "nvbind-file");
        nvb_json_set_u64(object, "size", mount->content.len);
        return object;
    }
    if (mount->kind == NVB_MOUNT_LINK) {
        nvb_json_set_str(object, "containerPath", mount->container_path);
        nvb_json_set_str(object, "hostPath", mount->host_path);
        nvb_json_set_str(object, "type", "nvbind-link");
        return object;
    }
    nvb_mount_copy_options(mount, &options);
    nvb_json_set_str(object, "hostPath", mount->host_path);
    nvb_json_set_str(object, "containerPath", mount->container_path);
    set_list(object, "options", &options);
    set_text(object, "type", mount->type);
    return object;
}

struct nvb_json *nvb_intel_rdt_to_json(const struct nvb_intel_rdt *rdt)
{
    struct nvb_json *object = nvb_json_new_object();

    set_text(object, "closID", rdt->clos_id);
    set_text(object, "l3CacheSchema", rdt->l3_cache_schema);
    set_text(object, "memBwSchema", rdt->mem_bw_schema);
    set_list(object, "schemata", &rdt->schemata);
    if (rdt->has_monitoring)
        nvb_json_set_bool(object, "enableMonitoring", true);
    return object;
}

static struct nvb_json *gid_to_json(const void *item)
{
    return nvb_json_new_u64(*(const uint32_t *)item);
}

static void set_array(struct nvb_json *object,
                      const char *key,
                      const struct nvb_edits *edits,
                      enum edit_kind_index index,
                      struct nvb_json *(*to_json)(const void *item))
{
    const struct edit_kind *kind = &edit_kinds[index];
    const struct edit_list list = edit_list_look(edits, kind);
    struct nvb_json *array = NULL;

    if (*list.n == 0)
        return;
    array = nvb_json_new_array();
    for (size_t i = 0; i < *list.n; i++)
        nvb_json_append(array, to_json((const char *)*list.items + i * kind->size));
    nvb_json_set(object, key, array);
}

struct nvb_json *nvb_edits_to_json(const struct nvb_edits *edits)
{
    struct nvb_json *object = nvb_json_new_object();

    set_list(object, "env", &edits->env);
    set_array(object, "deviceNodes", edits, EDIT_NODES, node_to_json);
    set_array(object, "netDevices", edits, EDIT_NET_DEVICES, net_device_to_json);
    set_array(object, "hooks", edits, EDIT_HOOKS, hook_to_json);
    set_array(object, "mounts", edits, EDIT_MOUNTS, mount_to_json);
    if (edits->intel_rdt)
        nvb_json_set(object, "intelRdt", nvb_intel_rdt_to_json(edits->intel_rdt));
    set_array(object, "additionalGids", edits, EDIT_GIDS, gid_to_json);
    return object;
}
