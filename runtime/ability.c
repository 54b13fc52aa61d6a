/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "ability.h"

#include "capability.h"
#include "filter.h"
#include "mount_option.h"
#include "spec.h"

static void set_list(struct nvb_json *object, const char *key, void (*list)(struct nvb_strv *))
{
    nvb_auto_strv words = { 0 };

    list(&words);
    nvb_json_set(object, key, nvb_json_new_strv(&words));
}

static void list_hooks(struct nvb_strv *out)
{
    for (size_t i = 0; i < SPEC_HOOK_MOMENTS; i++)
        nvb_strv_add(out, spec_hook_names[i]);
}

static void list_namespaces(struct nvb_strv *out)
{
    for (size_t i = 0; i < SPEC_NAMESPACES; i++)
        nvb_strv_add(out, spec_namespace_names[i].name);
}

static void list_capabilities(struct nvb_strv *out)
{
    uint64_t known = capability_of_kernel();

    for (unsigned i = 0; capability_name(i); i++) {
        if (known >> i & 1)
            nvb_strv_add(out, capability_name(i));
    }
}

static struct nvb_json *new_seccomp(void)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_bool(json, "enabled", true);
    set_list(json, "actions", filter_list_actions);
    set_list(json, "operators", filter_list_operators);
    set_list(json, "archs", filter_list_architectures);
    set_list(json, "knownFlags", filter_list_flags);
    set_list(json, "supportedFlags", filter_list_flags);
    return json;
}

static struct nvb_json *new_enabled(bool is_enabled)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_bool(json, "enabled", is_enabled);
    return json;
}

static struct nvb_json *new_cgroup(void)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_bool(json, "v1", true);
    nvb_json_set_bool(json, "v2", true);
    nvb_json_set_bool(json, "systemd", false);
    nvb_json_set_bool(json, "systemdUser", false);
    nvb_json_set_bool(json, "rdma", true);
    return json;
}

static struct nvb_json *new_linux(void)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *extensions = nvb_json_new_object();

    set_list(json, "namespaces", list_namespaces);
    set_list(json, "capabilities", list_capabilities);
    nvb_json_set(json, "cgroup", new_cgroup());
    nvb_json_set(json, "seccomp", new_seccomp());
    nvb_json_set(json, "apparmor", new_enabled(true));
    nvb_json_set(json, "selinux", new_enabled(true));
    nvb_json_set(json, "intelRdt", new_enabled(false));
    nvb_json_set(extensions, "idmap", new_enabled(false));
    nvb_json_set(json, "mountExtensions", extensions);
    return json;
}

struct nvb_json *ability_to_json(void)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *annotations = nvb_json_new_object();

    nvb_json_set_str(json, "ociVersionMin", "1.0.0");
    nvb_json_set_str(json, "ociVersionMax", "1.2.0");
    set_list(json, "hooks", list_hooks);
    set_list(json, "mountOptions", mount_option_list);
    nvb_json_set(json, "linux", new_linux());
    nvb_json_set_str(annotations, "org.nvbind.version", NVB_VERSION);
    nvb_json_set(json, "annotations", annotations);
    return json;
}
