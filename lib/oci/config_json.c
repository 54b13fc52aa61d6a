/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* How a container reads as an OCI runtime configuration (specification 1.0.2, config.md). The
 * steps of the root have no OCI form of their own: overlays and binds stand as mounts, what is
 * made inside the writable layer as the annotation io.nvbind.root. */
#include "oci/container.h"
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
            nvb_autofree char *lower = nvb_xasprintf("lowerdir=%s", step->source);

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

static struct nvb_json *gids_to_json(const struct nvb_edits *edits)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < edits->n_gids; i++)
        nvb_json_append(array, nvb_json_new_u64(edits->gids[i]));
    return array;
}

static struct nvb_json *process_to_json(const struct nvb_container *c)
{
    struct nvb_json *process = nvb_json_new_object();
    struct nvb_json *user = nvb_json_new_object();
    struct nvb_json *caps = nvb_json_new_object();
    static const char *const sets[] = { "bounding", "effective", "inheritable", "permitted",
                                        "ambient" };

    nvb_json_set_bool(process, "terminal", c->has_tty);
    nvb_json_set_u64(user, "uid", c->uid);
    nvb_json_set_u64(user, "gid", c->gid);
    if (c->edits.n_gids > 0)
        nvb_json_set(user, "additionalGids", gids_to_json(&c->edits));
    nvb_json_set(process, "user", user);
    nvb_json_set(process, "args", nvb_json_new_strv(&c->args));
    nvb_json_set(process, "env", nvb_json_new_strv(&c->env));
    nvb_json_set_str(process, "cwd", c->cwd);
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        nvb_json_set(caps, sets[i], nvb_json_new_array());
    nvb_json_set(process, "capabilities", caps);
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

static struct nvb_json *mapping_to_json(unsigned container_id, unsigned host_id)
{
    struct nvb_json *array = nvb_json_new_array();
    struct nvb_json *object = nvb_json_new_object();

    nvb_json_set_u64(object, "containerID", container_id);
    nvb_json_set_u64(object, "hostID", host_id);
    nvb_json_set_u64(object, "size", 1);
    nvb_json_append(array, object);
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

    nvb_json_set(platform, "uidMappings", mapping_to_json(c->uid, host_uid));
    nvb_json_set(platform, "gidMappings", mapping_to_json(c->gid, host_gid));
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
