/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/edits.h"

#include <string.h>

void nvb_edits_add_node(struct nvb_edits *edits, const char *path)
{
    for (size_t i = 0; i < edits->n_nodes; i++) {
        if (strcmp(edits->nodes[i].path, path) == 0)
            return;
    }
    edits->nodes = nvb_xrealloc(edits->nodes, edits->n_nodes + 1, sizeof(*edits->nodes));
    edits->nodes[edits->n_nodes++] = (struct nvb_device_node){
        .path = nvb_xstrdup(path),
        .permissions = nvb_xstrdup("rw"),
    };
}

static struct nvb_mount *
add_mount(struct nvb_edits *edits, enum nvb_mount_kind kind, const char *container_path)
{
    struct nvb_mount *mount = NULL;

    edits->mounts = nvb_xrealloc(edits->mounts, edits->n_mounts + 1, sizeof(*edits->mounts));
    mount = &edits->mounts[edits->n_mounts++];
    *mount = (struct nvb_mount){ .kind = kind, .container_path = nvb_xstrdup(container_path) };
    return mount;
}

struct nvb_mount *
nvb_edits_add_bind(struct nvb_edits *edits, const char *host_path, const char *container_path)
{
    struct nvb_mount *mount = add_mount(edits, NVB_MOUNT_BIND, container_path);

    mount->host_path = nvb_xstrdup(host_path);
    return mount;
}

void nvb_edits_add_file(struct nvb_edits *edits,
                        const char *container_path,
                        const void *data,
                        size_t len,
                        unsigned mode)
{
    struct nvb_mount *mount = add_mount(edits, NVB_MOUNT_FILE, container_path);

    nvb_buf_add(&mount->content, data, len);
    mount->mode = mode;
}

void nvb_edits_add_link(struct nvb_edits *edits, const char *container_path, const char *text)
{
    add_mount(edits, NVB_MOUNT_LINK, container_path)->host_path = nvb_xstrdup(text);
}

void nvb_edits_clear(struct nvb_edits *edits)
{
    for (size_t i = 0; i < edits->n_nodes; i++) {
        free(edits->nodes[i].path);
        free(edits->nodes[i].host_path);
        free(edits->nodes[i].permissions);
    }
    for (size_t i = 0; i < edits->n_mounts; i++) {
        free(edits->mounts[i].host_path);
        free(edits->mounts[i].container_path);
        nvb_buf_clear(&edits->mounts[i].content);
    }
    free(edits->nodes);
    free(edits->mounts);
    nvb_strv_clear(&edits->env);
    *edits = (struct nvb_edits){ 0 };
}

static struct nvb_json *nodes_to_json(const struct nvb_edits *edits)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < edits->n_nodes; i++) {
        const struct nvb_device_node *node = &edits->nodes[i];
        struct nvb_json *object = nvb_json_new_object();

        nvb_json_set_str(object, "path", node->path);
        if (node->host_path)
            nvb_json_set_str(object, "hostPath", node->host_path);
        nvb_json_set_str(object, "permissions", node->permissions);
        nvb_json_append(array, object);
    }
    return array;
}

static struct nvb_json *options_to_json(const struct nvb_mount *mount)
{
    struct nvb_json *options = nvb_json_new_array();

    nvb_json_append(options, nvb_json_new_str(mount->is_writable ? "rw" : "ro"));
    nvb_json_append(options, nvb_json_new_str("nosuid"));
    nvb_json_append(options, nvb_json_new_str("nodev"));
    nvb_json_append(options, nvb_json_new_str(mount->is_recursive ? "rbind" : "bind"));
    if (mount->is_mapped)
        nvb_json_append(options, nvb_json_new_str("idmap"));
    return options;
}

static struct nvb_json *mounts_to_json(const struct nvb_edits *edits)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *mount = &edits->mounts[i];
        struct nvb_json *object = nvb_json_new_object();

        nvb_json_set_str(object, "containerPath", mount->container_path);
        if (mount->kind == NVB_MOUNT_BIND) {
            nvb_json_set_str(object, "hostPath", mount->host_path);
            nvb_json_set(object, "options", options_to_json(mount));
        } else if (mount->kind == NVB_MOUNT_LINK) {
            nvb_json_set_str(object, "hostPath", mount->host_path);
            nvb_json_set_str(object, "type", "nvbind-link");
        } else {
            nvb_json_set_str(object, "type", "nvbind-file");
            nvb_json_set_u64(object, "size", mount->content.len);
        }
        nvb_json_append(array, object);
    }
    return array;
}

struct nvb_json *nvb_edits_to_json(const struct nvb_edits *edits)
{
    struct nvb_json *object = nvb_json_new_object();

    nvb_json_set(object, "env", nvb_json_new_strv(&edits->env));
    nvb_json_set(object, "deviceNodes", nodes_to_json(edits));
    nvb_json_set(object, "mounts", mounts_to_json(edits));
    return object;
}
