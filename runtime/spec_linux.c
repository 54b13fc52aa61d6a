/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "spec.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80 /* Linux 5.6 */
#endif

const struct spec_namespace_name spec_namespace_names[SPEC_NAMESPACES] = {
    [SPEC_USER] = {"user",     "user",   CLONE_NEWUSER  },
    [SPEC_PID] = { "pid",     "pid",    CLONE_NEWPID   },
    [SPEC_IPC] = { "ipc",     "ipc",    CLONE_NEWIPC   },
    [SPEC_UTS] = { "uts",     "uts",    CLONE_NEWUTS   },
    [SPEC_NETWORK] = { "network", "net",    CLONE_NEWNET   },
    [SPEC_MOUNT] = { "mount",   "mnt",    CLONE_NEWNS    },
    [SPEC_CGROUP] = { "cgroup",  "cgroup", CLONE_NEWCGROUP},
    [SPEC_TIME] = { "time",    "time",   CLONE_NEWTIME  },
};

static bool read_namespace(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    const char *type = "";
    const char *path = NULL;

    if (!field_str(of, "type", &type, err) || !field_str(of, "path", &path, err))
        return false;
    for (size_t i = 0; i < SPEC_NAMESPACES; i++) {
        if (strcmp(type, spec_namespace_names[i].name) != 0)
            continue;
        if (spec->namespaces[i].is_listed)
            return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "namespace '%s' is listed twice", type);
        if (path && *path && *path != '/')
            return field_fail(of, "path", "is not an absolute path", err);
        spec->namespaces[i] = (struct spec_namespace){ true, path && *path ? path : NULL };
        return true;
    }
    return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "there is no namespace '%s'", type);
}

static bool read_namespaces(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, "namespaces", &array, err))
        return false;
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "linux.namespaces" };

        if (!read_namespace(item, spec, err))
            return false;
    }
    return true;
}

static bool read_maps(struct field_of of,
                      const char *key,
                      struct spec_id_map **out_maps,
                      size_t *out_n,
                      struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, key, &array, err))
        return false;
    *out_maps = nvb_xcalloc(nvb_json_length(array), sizeof(**out_maps));
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = key };
        struct spec_id_map *map = &(*out_maps)[i];

        if (!field_u32(item, "containerID", &map->inside, err) ||
            !field_u32(item, "hostID", &map->outside, err) ||
            !field_u32(item, "size", &map->count, err))
            return false;
        (*out_n)++;
    }
    return true;
}

static bool read_device(struct field_of of, struct spec_device *out, struct nvb_err *err)
{
    const char *type = "";
    int64_t major = 0;
    int64_t minor = 0;

    *out = (struct spec_device){ .path = "", .mode = 0666 };
    if (!field_str(of, "path", &out->path, err) || !field_str(of, "type", &type, err) ||
        !field_i64(of, "major", &major, err) || !field_i64(of, "minor", &minor, err) ||
        !field_u32(of, "fileMode", &out->mode, err) || !field_u32(of, "uid", &out->uid, err) ||
        !field_u32(of, "gid", &out->gid, err))
        return false;
    if (out->path[0] != '/')
        return field_fail(of, "path", "is not an absolute path", err);
    if (!*type || type[1] || !strchr("cbup", *type))
        return field_fail(of, "type", "is none of c, b, u and p", err);
    if (major < 0 || major > UINT32_MAX || minor < 0 || minor > UINT32_MAX)
        return field_fail(of, "major", "or its minor is no device number", err);
    out->type = *type == 'u' ? 'c' : *type;
    out->major = (uint32_t)major;
    out->minor = (uint32_t)minor;
    return true;
}

static bool read_devices(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, "devices", &array, err))
        return false;
    spec->devices = nvb_xcalloc(nvb_json_length(array), sizeof(*spec->devices));
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "linux.devices" };

        if (!read_device(item, &spec->devices[spec->n_devices++], err))
            return false;
    }
    return true;
}

static bool read_propagation(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    struct nvb_strv words = { 0 };
    struct mount_options options = { 0 };
    const char *word = "";

    if (!field_str(of, "rootfsPropagation", &word, err))
        return false;
    if (!*word)
        return true;
    nvb_strv_add(&words, word);
    mount_options_read(&words, &options);
    spec->root_propagation = options.propagation;
    mount_options_clear(&options);
    nvb_strv_clear(&words);
    return spec->root_propagation || field_fail(of, "rootfsPropagation", "is no such mode", err);
}

/* Only what a container has of its own may be set: anything else is the host's. */
static bool check_sysctl(const struct spec *spec, const char *key, struct nvb_err *err)
{
    static const char *const of_ipc[] = { "kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
                                          "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
                                          "kernel.shmmni", "kernel.shm_rmid_forced" };
    enum spec_namespace_kind needed = SPEC_NAMESPACES;

    if (nvb_has_prefix(key, "net.") || nvb_has_prefix(key, "net/"))
        needed = SPEC_NETWORK;
    if (nvb_has_prefix(key, "fs.mqueue.") || nvb_has_prefix(key, "fs/mqueue/"))
        needed = SPEC_IPC;
    if (strcmp(key, "kernel.domainname") == 0 || strcmp(key, "kernel.hostname") == 0)
        needed = SPEC_UTS;
    for (size_t i = 0; i < sizeof(of_ipc) / sizeof(of_ipc[0]); i++) {
        if (strcmp(key, of_ipc[i]) == 0)
            needed = SPEC_IPC;
    }
    if (nvb_has_prefix(key, "user."))
        needed = SPEC_USER;
    if (strstr(key, "..") || key[0] == '/' || key[0] == '.' || needed == SPEC_NAMESPACES)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID,
                        "the setting '%s' of 'linux.sysctl' is not the container's own", key);
    if (!spec->namespaces[needed].is_listed)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID,
                        "the setting '%s' of 'linux.sysctl' needs a %s namespace of its own", key,
                        spec_namespace_names[needed].name);
    return true;
}

static bool read_sysctl(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    struct field_of sysctl = { 0 };

    if (!field_object(of, "sysctl", &sysctl, err))
        return false;
    spec->sysctl = sysctl.object;
    if (!sysctl.object)
        return true;
    nvb_json_foreach(it, sysctl.object) {
        if (!nvb_json_str(it.value))
            return field_fail(sysctl, it.key, "is not a string", err);
        if (!check_sysctl(spec, it.key, err))
            return false;
    }
    return true;
}

bool spec_linux_read(struct field_of of, struct spec *spec, struct nvb_err *err)
{
    struct field_of seccomp = { 0 };

    if (!read_namespaces(of, spec, err) ||
        !read_maps(of, "uidMappings", &spec->uid_maps, &spec->n_uid_maps, err) ||
        !read_maps(of, "gidMappings", &spec->gid_maps, &spec->n_gid_maps, err) ||
        !read_devices(of, spec, err) || !read_propagation(of, spec, err) ||
        !read_sysctl(of, spec, err) || !field_strv(of, "maskedPaths", &spec->masked_paths, err) ||
        !field_strv(of, "readonlyPaths", &spec->readonly_paths, err) ||
        !field_str(of, "mountLabel", &spec->mount_label, err) ||
        !field_str(of, "cgroupsPath", &spec->cgroups_path, err) ||
        !field_object(of, "resources", &spec->resources, err) ||
        !field_object(of, "seccomp", &seccomp, err))
        return false;
    spec->seccomp = seccomp.object;
    if (spec->cgroups_path && !*spec->cgroups_path)
        spec->cgroups_path = NULL;
    if (spec->mount_label && !*spec->mount_label)
        spec->mount_label = NULL;
    return true;
}
