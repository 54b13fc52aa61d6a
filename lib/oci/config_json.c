/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* How a container reads as an OCI runtime configuration (specification 1.0.2, config.md). The
 * steps of the root have no OCI form of their own: overlays and binds stand as mounts, what is
 * made inside the writable layer as the annotation io.nvbind.root. */
#include "oci/container.h"
#include "request/capability.h"
#include "request/network.h"

static struct nvb_json *mount_to_json(const char *destination,
                                      const char *type,
                                      const char *source,
                                      const char *const *options)
{
    struct nvb_json *object = nvb_json_new_object();
    struct nvb_json *list = nvb_json_new_array();

    nvb_json_set_str(object, "destination", destination);
    nvb_json_set_str(object, "type", type);
    nvb_json_set_str(object, "source", source);
    for (; *options; options++)
        nvb_json_append(list, nvb_json_new_str(*options));
    nvb_json_set(object, "options", list);
    return object;
}

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void add_root_mounts(struct nvb_json *mounts, const struct nvb_container *c)
{
    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];

        if (step->kind == NVB_ROOT_BIND) {
            nvb_json_append(mounts, mount_to_json(step->path, "bind", step->source,
                                                  OPTIONS("ro", "nosuid", "nodev", "rbind")));
        }
        if (step->kind == NVB_ROOT_OVERLAY) {
            nvb_autofree char *joined = step->source ? NULL : nvb_strv_join(&c->lowers, ":");
            nvb_autofree char *lower =
                nvb_xasprintf("lowerdir=%s", step->source ? step->source : joined);

            nvb_json_append(mounts, mount_to_json(step->path, "overlay", "overlay",
                                                  OPTIONS(lower, "nosuid", "nodev", "userxattr")));
        }
    }
}

static void add_kernel_mounts(struct nvb_json *mounts, const struct nvb_container *c)
{
    nvb_json_append(mounts,
                    mount_to_json("/proc", "proc", "proc", OPTIONS("nosuid", "noexec", "nodev")));
    nvb_json_append(mounts, mount_to_json("/dev", "tmpfs", "tmpfs",
                                          OPTIONS("nosuid", "noexec", "mode=755", "size=64m")));
    nvb_json_append(mounts, mount_to_json("/dev/pts", "devpts", "devpts",
                                          OPTIONS("nosuid", "noexec", "newinstance",
                                                  "ptmxmode=0666", "mode=0620")));
    nvb_json_append(mounts, mount_to_json("/dev/shm", "tmpfs", "shm",
                                          OPTIONS("nosuid", "noexec", "nodev", "mode=1777")));
    nvb_json_append(mounts, mount_to_json("/dev/mqueue", "mqueue", "mqueue",
                                          OPTIONS("nosuid", "noexec", "nodev")));
    nvb_json_append(mounts, c->network == NVB_NETWORK_HOST
                                ? mount_to_json("/sys", "bind", "/sys", OPTIONS("ro", "rbind"))
                                : mount_to_json("/sys", "sysfs", "sysfs",
                                                OPTIONS("ro", "nosuid", "noexec", "nodev")));
}

/* As binds, which is what happens: nobody in a user namespace may make a device node. */
static void add_nodes(struct nvb_json *mounts, const struct nvb_container *c)
{
    for (size_t i = 0; i < c->edits.n_nodes; i++) {
        const struct nvb_device_node *node = &c->edits.nodes[i];

        nvb_json_append(mounts, mount_to_json(node->path, "bind",
                                              node->host_path ? node->host_path : node->path,
                                              OPTIONS("rw", "nosuid", "noexec", "bind")));
    }
}

static void add_edit_mounts(struct nvb_json *mounts, const struct nvb_container *c)
{
    for (size_t i = 0; i < c->edits.n_mounts; i++) {
        const struct nvb_mount *m = &c->edits.mounts[i];

        if (m->kind != NVB_MOUNT_BIND)
            continue;
        nvb_json_append(mounts, mount_to_json(m->container_path, "bind", m->host_path,
                                              OPTIONS(m->is_writable ? "rw" : "ro", "nosuid",
                                                      "nodev", m->is_recursive ? "rbind" : "bind",
                                                      m->is_noexec ? "noexec" : NULL)));
    }
}

static struct nvb_json *set_to_json(uint64_t set)
{
    struct nvb_json *names = nvb_json_new_array();

    for (unsigned i = 0; i < 64; i++) {
        const char *name = set & UINT64_C(1) << i ? nvb_capability_name(i) : NULL;

        if (name)
            nvb_json_append(names, nvb_json_new_str(name));
    }
    return names;
}

/* Without privilege there is nothing but what goes on by itself. */
static struct nvb_json *capabilities_to_json(const struct nvb_container *c)
{
    struct nvb_json *caps = nvb_json_new_object();
    uint64_t ambient = c->uid == 0 ? 0 : c->ambient;
    uint64_t effective = c->uid == 0 ? c->capabilities : ambient;

    nvb_json_set(caps, "bounding", set_to_json(c->capabilities));
    nvb_json_set(caps, "effective", set_to_json(effective));
    nvb_json_set(caps, "inheritable", set_to_json(ambient));
    nvb_json_set(caps, "permitted", set_to_json(effective));
    nvb_json_set(caps, "ambient", set_to_json(ambient));
    return caps;
}

static struct nvb_json *user_to_json(const struct nvb_container *c)
{
    struct nvb_json *user = nvb_json_new_object();
    struct nvb_json *groups = NULL;

    nvb_json_set_u64(user, "uid", c->uid);
    nvb_json_set_u64(user, "gid", c->gid);
    if (c->n_groups == 0 && c->edits.n_gids == 0)
        return user;
    groups = nvb_json_new_array();
    for (size_t i = 0; i < c->n_groups; i++)
        nvb_json_append(groups, nvb_json_new_u64(c->groups[i]));
    for (size_t i = 0; i < c->edits.n_gids; i++)
        nvb_json_append(groups, nvb_json_new_u64(c->edits.gids[i]));
    nvb_json_set(user, "additionalGids", groups);
    return user;
}

static struct nvb_json *process_to_json(const struct nvb_container *c)
{
    struct nvb_json *process = nvb_json_new_object();

    nvb_json_set_bool(process, "terminal", c->has_tty);
    nvb_json_set(process, "user", user_to_json(c));
    nvb_json_set(process, "args", nvb_json_new_strv(&c->args));
    nvb_json_set(process, "env", nvb_json_new_strv(&c->env));
    nvb_json_set_str(process, "cwd", c->cwd);
    nvb_json_set(process, "capabilities", capabilities_to_json(c));
    if (c->nofile) {
        struct nvb_json *limits = nvb_json_new_array();
        struct nvb_json *nofile = nvb_json_new_object();

        nvb_json_set_str(nofile, "type", "RLIMIT_NOFILE");
        nvb_json_set_u64(nofile, "hard", c->nofile);
        nvb_json_set_u64(nofile, "soft", c->nofile < 1024 ? c->nofile : 1024);
        nvb_json_append(limits, nofile);
        nvb_json_set(process, "rlimits", limits);
    }
    nvb_json_set_bool(process, "noNewPrivileges", true);
    return process;
}

static struct nvb_json *extents_to_json(const struct nvb_id_extent *extents, size_t n)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < n; i++) {
        struct nvb_json *object = nvb_json_new_object();

        nvb_json_set_u64(object, "containerID", extents[i].inside);
        nvb_json_set_u64(object, "hostID", extents[i].outside);
        nvb_json_set_u64(object, "size", extents[i].count);
        nvb_json_append(array, object);
    }
    return array;
}

static struct nvb_json *namespaces_to_json(const struct nvb_container *c)
{
    static const char *const types[] = {
        "user", "mount", "pid", "ipc", "uts", "cgroup", "network"
    };
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct nvb_json *object = NULL;

        if (c->network == NVB_NETWORK_HOST && i + 1 == sizeof(types) / sizeof(types[0]))
            break;
        object = nvb_json_new_object();
        nvb_json_set_str(object, "type", types[i]);
        nvb_json_append(array, object);
    }
    return array;
}

static struct nvb_json *resources_to_json(const struct nvb_limits *limits)
{
    struct nvb_json *resources = nvb_json_new_object();

    if (limits->memory_bytes) {
        struct nvb_json *memory = nvb_json_new_object();

        nvb_json_set_u64(memory, "limit", limits->memory_bytes);
        nvb_json_set(resources, "memory", memory);
    }
    if (limits->cpu_millis) {
        struct nvb_json *cpu = nvb_json_new_object();

        nvb_json_set_u64(cpu, "quota", limits->cpu_millis * 100);
        nvb_json_set_u64(cpu, "period", 100000);
        nvb_json_set(resources, "cpu", cpu);
    }
    if (limits->n_pids) {
        struct nvb_json *pids = nvb_json_new_object();

        nvb_json_set_u64(pids, "limit", limits->n_pids);
        nvb_json_set(resources, "pids", pids);
    }
    return resources;
}

static struct nvb_json *
linux_to_json(const struct nvb_container *c, unsigned host_uid, unsigned host_gid)
{
    struct nvb_json *platform = nvb_json_new_object();
    const struct nvb_id_extent uid = { c->uid, host_uid, 1 };
    const struct nvb_id_extent gid = { c->gid, host_gid, 1 };
    bool has_map = c->map.n_uids > 0;

    nvb_json_set(platform, "uidMappings",
                 has_map ? extents_to_json(c->map.uids, c->map.n_uids) : extents_to_json(&uid, 1));
    nvb_json_set(platform, "gidMappings",
                 has_map ? extents_to_json(c->map.gids, c->map.n_gids) : extents_to_json(&gid, 1));
    nvb_json_set(platform, "namespaces", namespaces_to_json(c));
    nvb_json_set(platform, "resources", resources_to_json(&c->limits));
    nvb_json_set(platform, "maskedPaths", nvb_json_new_strv(&c->masked_paths));
    nvb_json_set(platform, "readonlyPaths", nvb_json_new_strv(&c->readonly_paths));
    return platform;
}

static struct nvb_json *layer_steps_to_json(const struct nvb_container *c)
{
    struct nvb_json *array = nvb_json_new_array();
    static const char *const words[] = {
        [NVB_ROOT_DIR] = "directory",
        [NVB_ROOT_LINK] = "link",
        [NVB_ROOT_FILE] = "file",
        [NVB_ROOT_HIDE] = "hidden",
    };

    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];
        struct nvb_json *text = NULL;
        nvb_autofree char *line = NULL;

        if (step->kind == NVB_ROOT_OVERLAY || step->kind == NVB_ROOT_BIND)
            continue;
        line = nvb_xasprintf("%s %s%s%s", words[step->kind], step->path,
                             step->kind == NVB_ROOT_LINK ? " -> " : "",
                             step->kind == NVB_ROOT_LINK ? step->source : "");
        text = nvb_json_new_str(line);
        nvb_json_append(array, text);
    }
    return array;
}

/* A runtime configuration knows no networks but namespaces, and no ports. */
static void add_network(struct nvb_json *annotations, const struct nvb_container *c)
{
    nvb_auto_strv texts = { 0 };
    nvb_autofree char *joined = NULL;

    if (nvb_network_has_uplink(c->network))
        nvb_json_set_str(annotations, "io.nvbind.network", nvb_network_name(c->network));
    if (c->joined)
        nvb_json_set_str(annotations, "io.nvbind.joined", c->joined);
    if (c->n_ports == 0)
        return;
    for (size_t i = 0; i < c->n_ports; i++)
        nvb_strv_take(&texts, nvb_port_dup_text(&c->ports[i]));
    joined = nvb_strv_join(&texts, " ");
    nvb_json_set_str(annotations, "io.nvbind.ports", joined);
}

struct nvb_json *
nvb_container_to_oci_json(const struct nvb_container *c, unsigned host_uid, unsigned host_gid)
{
    struct nvb_json *config = nvb_json_new_object();
    struct nvb_json *root = nvb_json_new_object();
    struct nvb_json *mounts = nvb_json_new_array();
    struct nvb_json *annotations = nvb_json_new_object();
    nvb_autoptr(nvb_json) steps = layer_steps_to_json(c);
    nvb_autofree char *steps_text = nvb_json_dup_text(steps, false);

    nvb_json_set_str(config, "ociVersion", "1.0.2");
    nvb_json_set(config, "process", process_to_json(c));
    nvb_json_set_str(root, "path", "rootfs");
    nvb_json_set_bool(root, "readonly", c->is_read_only);
    nvb_json_set(config, "root", root);
    nvb_json_set_str(config, "hostname", c->hostname);
    add_root_mounts(mounts, c);
    add_kernel_mounts(mounts, c);
    add_nodes(mounts, c);
    add_edit_mounts(mounts, c);
    nvb_json_set(config, "mounts", mounts);
    nvb_json_set(config, "linux", linux_to_json(c, host_uid, host_gid));
    nvb_json_set_str(annotations, "io.nvbind.image", c->image);
    nvb_json_set_str(annotations, "io.nvbind.sandbox",
                     c->sandbox == NVB_SANDBOX_STEAM ? "steam" : "strict");
    add_network(annotations, c);
    nvb_json_set_str(annotations, "io.nvbind.root", nvb_trim(steps_text));
    nvb_json_set(config, "annotations", annotations);
    return config;
}
