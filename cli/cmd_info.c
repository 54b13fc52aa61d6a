/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "host/pci_ids.h"
#include "info_wsl.h"
#include "machine.h"

struct options {
    bool is_detailed;
    bool as_json;
    bool is_wsl;
    const char *root;
};

static const struct opt opts[] = {
    {OPT_FLAG,                                                0, "detailed", NULL, "tell all that is known of each GPU and of the kernel",
     offsetof(struct options, is_detailed), NULL },
    { OPT_FLAG,                                             0, "json", NULL, "answer as JSON", offsetof(struct options, as_json), NULL },
    { OPT_FLAG, 0, "wsl2", NULL, "explain what of WSL2's GPU support is here",
     offsetof(struct options, is_wsl), NULL },
    { OPT_STRING,                                           0, "root", "DIR", "look at the captured machine below DIR",
     offsetof(struct options, root), NULL },
    { .type = OPT_END                                                     },
};

static const char *yes_no(bool is)
{
    return is ? "yes" : "no";
}

static void print_nodes(const struct nvb_gpu *gpu)
{
    if (gpu->n_nodes == 0)
        printf("          no device nodes\n");
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        printf("%s%s%s", i == 0 ? "          " : " ", gpu->nodes[i],
               i + 1 == gpu->n_nodes ? "\n" : "");
    }
}

static void print_gpu_details(const struct nvb_gpu *gpu)
{
    if (gpu->pci_address)
        printf("          PCI device %04x:%04x\n", gpu->pci_vendor_id, gpu->pci_device_id);
    if (gpu->uuid)
        printf("          UUID %s\n", gpu->uuid);
    printf("          Vulkan %s\n", gpu->vulkan_icd ? gpu->vulkan_icd : "driver not found");
}

static void print_gpu(const struct nvb_gpu *gpu, bool is_detailed)
{
    printf("GPU %-5u %s\n          driver %s", gpu->index, gpu->name,
           *gpu->driver ? gpu->driver : "none");
    if (gpu->driver_version)
        printf(" %s", gpu->driver_version);
    if (gpu->memory_bytes)
        printf(", memory %.1f GiB", (double)gpu->memory_bytes / (1 << 30));
    if (gpu->pci_address)
        printf(", PCI %s", gpu->pci_address);
    (void)putchar('\n');
    print_nodes(gpu);
    if (is_detailed)
        print_gpu_details(gpu);
}

static void print_gpus(const struct machine *m, bool is_detailed)
{
    const struct nvb_gpu *software = machine_get_software(m);
    size_t n = machine_count_hardware(m);

    for (size_t i = 0; i < n; i++)
        print_gpu(&m->gpus.items[i], is_detailed);
    if (n == 0) {
        printf("GPU       no GPU found: %s\n",
               software ? software->name : "software Vulkan (lavapipe) is not installed either");
    }
    if (software && n > 0)
        printf("also      %s\n", software->name);
    if (software && is_detailed)
        printf("          Vulkan %s\n", software->vulkan_icd);
}

static void print_limit(const char *name, uint64_t value)
{
    if (value == UINT64_MAX) {
        printf("          %s unknown\n", name);
    } else {
        printf("          %s %" PRIu64 "\n", name, value);
    }
}

static void print_sandbox(const struct machine *m, bool is_detailed)
{
    const struct nvb_sandbox *s = &m->sandbox;
    nvb_auto_err err = { 0 };
    bool has_userns = nvb_sandbox_check_userns(s, &err);

    if (!s->is_known) {
        printf("kernel    unknown: /proc/sys/kernel/osrelease cannot be read\n");
        return;
    }
    printf("kernel    %s\n", s->kernel_release);
    printf("sandbox   user namespaces %s, overlay %s, seccomp %s\n", yes_no(has_userns),
           yes_no(s->has_overlay), yes_no(s->seccomp_actions != NULL));
    if (!has_userns)
        printf("          %s\n", err.lines[0]);
    printf("cgroup    %s%s%s\n", nvb_cgroup_kind_name(s->cgroup),
           s->cgroup_controllers ? ", controllers " : "",
           s->cgroup_controllers && !*s->cgroup_controllers ? "none"
           : s->cgroup_controllers                          ? s->cgroup_controllers
                                                            : "");
    if (!is_detailed)
        return;
    print_limit("user.max_user_namespaces", s->max_user_namespaces);
    print_limit("vm.max_map_count", s->max_map_count ? s->max_map_count : UINT64_MAX);
    printf("          seccomp actions %s\n", s->seccomp_actions ? s->seccomp_actions : "none");
    printf("          systemd %s, ntsync %s\n", yes_no(s->has_systemd), yes_no(s->has_ntsync));
}

static const struct {
    enum nvb_display_kind kind;
    const char *name;
    const char *title;
    const char *variable;
} displays[] = {
    {NVB_DISPLAY_WAYLAND, "wayland", "Wayland", "WAYLAND_DISPLAY"},
    { NVB_DISPLAY_X11,    "x11",     "X11",     "DISPLAY"        },
};

/* A variable that is set but leads nowhere is worth a line; one that is unset is not. */
static void print_displays(const struct machine *m)
{
    bool has_line = false;

    for (size_t i = 0; i < sizeof(displays) / sizeof(displays[0]); i++) {
        nvb_auto_display display = { 0 };
        nvb_auto_err err = { 0 };
        const char *value = nvb_env_get(&m->env, displays[i].variable);
        const char *left = has_line ? "" : "display";

        if (nvb_display_find(displays[i].kind, &m->env, &display, &err)) {
            printf("%-9s %s %s\n", left, displays[i].title, display.socket);
        } else if (value && *value) {
            printf("%-9s no %s: %s\n", left, displays[i].title, err.lines[0]);
        } else {
            continue;
        }
        has_line = true;
    }
    if (!has_line)
        printf("display   none in the environment\n");
}

static void print_text(const struct machine *m, bool is_detailed)
{
    print_gpus(m, is_detailed);
    print_sandbox(m, is_detailed);
    if (m->host->is_live)
        print_displays(m);
    printf("engines   bolt (built in)");
    for (size_t i = 0; i < m->engines.n; i++)
        printf(", %s", is_detailed ? m->engines.items[i].path : m->engines.items[i].name);
    (void)putchar('\n');
}

static struct nvb_json *gpu_to_json(const struct nvb_gpu *gpu)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *nodes = nvb_json_new_array();
    nvb_autofree char *ids = nvb_xasprintf("%04x:%04x", gpu->pci_vendor_id, gpu->pci_device_id);

    for (size_t i = 0; i < gpu->n_nodes; i++)
        nvb_json_append(nodes, nvb_json_new_str(gpu->nodes[i]));
    nvb_json_set_u64(json, "index", gpu->index);
    nvb_json_set_str(json, "vendor", nvb_gpu_vendor_name(gpu->vendor));
    nvb_json_set_str(json, "name", gpu->name);
    nvb_json_set_str(json, "uuid", gpu->uuid);
    nvb_json_set_str(json, "pci_address", gpu->pci_address);
    nvb_json_set_str(json, "pci_id", gpu->pci_address ? ids : NULL);
    nvb_json_set_str(json, "driver", *gpu->driver ? gpu->driver : NULL);
    nvb_json_set_str(json, "driver_version", gpu->driver_version);
    nvb_json_set_u64(json, "memory_bytes", gpu->memory_bytes);
    nvb_json_set(json, "nodes", nodes);
    nvb_json_set_str(json, "vulkan_icd", gpu->vulkan_icd);
    return json;
}

static void set_unless(struct nvb_json *json, const char *key, uint64_t value, uint64_t unknown)
{
    nvb_json_set(json, key, value == unknown ? NULL : nvb_json_new_u64(value));
}

static struct nvb_json *sandbox_to_json(const struct nvb_sandbox *s)
{
    struct nvb_json *json = nvb_json_new_object();
    nvb_auto_err err = { 0 };

    if (!s->is_known) { /* no claim is better than a wrong one */
        nvb_json_set_str(json, "kernel", NULL);
        return json;
    }
    nvb_json_set_str(json, "kernel", s->kernel_release);
    nvb_json_set_bool(json, "user_namespaces", nvb_sandbox_check_userns(s, &err));
    nvb_json_set_str(json, "user_namespaces_reason", err.n_lines ? err.lines[0] : NULL);
    set_unless(json, "max_user_namespaces", s->max_user_namespaces, UINT64_MAX);
    nvb_json_set_bool(json, "overlay", s->has_overlay);
    nvb_json_set_bool(json, "seccomp", s->seccomp_actions != NULL);
    nvb_json_set_str(json, "seccomp_actions", s->seccomp_actions);
    nvb_json_set_str(json, "cgroup", nvb_cgroup_kind_name(s->cgroup));
    nvb_json_set_str(json, "cgroup_controllers", s->cgroup_controllers);
    nvb_json_set_bool(json, "systemd", s->has_systemd);
    nvb_json_set_bool(json, "ntsync", s->has_ntsync);
    set_unless(json, "max_map_count", s->max_map_count, 0);
    return json;
}

static struct nvb_json *displays_to_json(const struct machine *m)
{
    struct nvb_json *json = nvb_json_new_array();

    for (size_t i = 0; i < sizeof(displays) / sizeof(displays[0]); i++) {
        nvb_auto_display display = { 0 };
        nvb_auto_err err = { 0 };
        struct nvb_json *item = NULL;

        if (!nvb_display_find(displays[i].kind, &m->env, &display, &err))
            continue;
        item = nvb_json_new_object();
        nvb_json_set_str(item, "kind", displays[i].name);
        nvb_json_set_str(item, "socket", display.socket);
        nvb_json_append(json, item);
    }
    return json;
}

static void print_as_json(const struct machine *m)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *gpus = nvb_json_new_array();
    struct nvb_json *engines = nvb_json_new_array();

    for (size_t i = 0; i < m->gpus.n; i++)
        nvb_json_append(gpus, gpu_to_json(&m->gpus.items[i]));
    for (size_t i = 0; i < m->engines.n; i++) {
        struct nvb_json *engine = nvb_json_new_object();

        nvb_json_set_str(engine, "name", m->engines.items[i].name);
        nvb_json_set_str(engine, "path", m->engines.items[i].path);
        nvb_json_append(engines, engine);
    }
    nvb_json_set(json, "gpus", gpus);
    nvb_json_set(json, "sandbox", sandbox_to_json(&m->sandbox));
    nvb_json_set(json, "displays", displays_to_json(m));
    nvb_json_set(json, "engines", engines);
    nvb_json_print(json, stdout);
}

/* Needs no look at the GPUs, so it asks only for the root. */
static int run_wsl(const struct options *o)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_host_open(o->root ? o->root : "/", &host, &err) ||
        !info_wsl_print(host, o->as_json, &err))
        return cmd_complain(&err, o->as_json);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    auto_machine machine = { 0 };
    nvb_auto_err err = { 0 };
    int rest = 0;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &rest, &status))
        return status;
    if (rest < argc) {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "info takes no argument '%s'", argv[rest]);
        return cmd_complain(&err, o.as_json);
    }
    if (o.is_wsl)
        return run_wsl(&o);
    if (!machine_look(o.root, &machine, &err))
        return cmd_complain(&err, o.as_json);
    nvb_pci_ids_name_gpus(machine.host, &machine.gpus);
    if (o.as_json) {
        print_as_json(&machine);
    } else {
        print_text(&machine, o.is_detailed);
    }
    return EXIT_SUCCESS;
}

const struct cmd cmd_info = {
    .name = "info",
    .synopsis = "info [--detailed] [--wsl2] [--json] [--root DIR]",
    .summary = "show the GPUs, their drivers, and what this machine lets a sandbox do",
    .opts = opts,
    .run = run,
};
