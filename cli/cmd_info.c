/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "gpu_report.h"
#include "host/pci_ids.h"
#include "machine.h"
#include "wsl_report.h"

struct options {
    bool is_detailed;
    bool is_wsl2;
    bool as_json;
    const char *root;
};

static const struct opt opts[] = {
    {OPT_FLAG,                                                0, "detailed", NULL, "tell all that is known of each GPU and of the kernel",
     offsetof(struct options, is_detailed), NULL },
    { OPT_FLAG,                                             0, "wsl2", NULL, "tell what Windows lends to this Linux and where its driver is",
     offsetof(struct options, is_wsl2), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    OPT_ROOT(offsetof(struct options, root)),
    { .type = OPT_END},
};

static const char *yes_no(bool is)
{
    return is ? "yes" : "no";
}

/* NVIDIA's library tells of everyone's programs; for the other GPUs they are looked for one by one. */
static void print_unseen(const struct machine *m)
{
    bool is_whole = true;

    for (size_t i = 0; i < m->gpus.n; i++)
        is_whole = is_whole && (!m->lives[i].has_processes || m->lives[i].has_all_processes);
    if (is_whole)
        return;
    if (m->clients.n_unseen > 0) {
        printf("unseen    programs of others: %zu; root sees whether they use a GPU\n",
               m->clients.n_unseen);
    }
    if (m->clients.has_hidden)
        printf("unseen    programs of others: /proc hides them; root sees them\n");
    if (m->clients.is_cut)
        printf("unseen    more programs or files than are looked at\n");
}

static void print_gpus(const struct machine *m, bool is_detailed)
{
    const struct nvb_gpu *software = machine_get_software(m);
    size_t n = machine_count_hardware(m);

    for (size_t i = 0; i < n; i++)
        gpu_report_print(m, &m->gpus.items[i], is_detailed);
    if (n == 0) {
        printf("GPU       no GPU found: %s\n",
               software ? software->name : "software Vulkan (lavapipe) is not installed either");
    }
    if (software && n > 0)
        printf("also      %s\n", software->name);
    if (software && is_detailed)
        printf("          Vulkan %s\n", software->vulkan_icd);
    if (is_detailed)
        print_unseen(m);
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

static void print_nvml(const struct machine *m)
{
    unsigned cuda = m->nvml_facts.cuda_version;

    if (!m->nvml) {
        printf("NVML      %s\n", m->nvml_err.lines[0]);
        return;
    }
    printf("NVML      driver %s",
           m->nvml_facts.driver_version ? m->nvml_facts.driver_version : "unknown");
    if (cuda)
        printf(", CUDA up to %u.%u", cuda / 1000, cuda % 1000 / 10);
    (void)putchar('\n');
}

static void print_text(const struct machine *m, bool is_detailed, bool is_wsl2)
{
    print_gpus(m, is_detailed);
    if (is_detailed && m->has_asked_nvml)
        print_nvml(m);
    if (is_wsl2)
        wsl_report_print(m);
    print_sandbox(m, is_detailed);
    if (m->host->is_live)
        print_displays(m);
    printf("engines   bolt (built in)");
    for (size_t i = 0; i < m->engines.n; i++)
        printf(", %s", is_detailed ? m->engines.items[i].path : m->engines.items[i].name);
    (void)putchar('\n');
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

static struct nvb_json *nvml_to_json(const struct machine *m)
{
    const struct nvb_nvml_facts *facts = &m->nvml_facts;
    struct nvb_json *json = NULL;

    if (!m->has_asked_nvml)
        return NULL;
    json = nvb_json_new_object();
    nvb_json_set_str(json, "driver_version", facts->driver_version);
    set_unless(json, "cuda_version", facts->cuda_version, 0);
    nvb_json_set_str(json, "error", m->nvml_err.n_lines ? m->nvml_err.lines[0] : NULL);
    nvb_json_set_str(json, "hint", m->nvml_err.hint);
    return json;
}

static void print_as_json(const struct machine *m, bool is_wsl2)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *gpus = nvb_json_new_array();
    struct nvb_json *engines = nvb_json_new_array();

    for (size_t i = 0; i < m->gpus.n; i++)
        nvb_json_append(gpus, gpu_report_to_json(m, &m->gpus.items[i]));
    for (size_t i = 0; i < m->engines.n; i++) {
        struct nvb_json *engine = nvb_json_new_object();

        nvb_json_set_str(engine, "name", m->engines.items[i].name);
        nvb_json_set_str(engine, "path", m->engines.items[i].path);
        nvb_json_append(engines, engine);
    }
    nvb_json_set(json, "gpus", gpus);
    nvb_json_set(json, "nvml", nvml_to_json(m));
    if (is_wsl2)
        nvb_json_set(json, "wsl2", wsl_report_to_json(m));
    nvb_json_set(json, "sandbox", sandbox_to_json(&m->sandbox));
    nvb_json_set(json, "displays", displays_to_json(m));
    nvb_json_set(json, "engines", engines);
    nvb_json_print(json, stdout);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    auto_machine machine = { 0 };
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    if (!machine_look(o.root, &machine, &err))
        return cmd_complain(&err, o.as_json);
    if (o.is_detailed || o.as_json) {
        machine_ask_nvml(&machine);
        machine_measure(&machine);
    }
    nvb_pci_ids_name_gpus(machine.host, &machine.gpus);
    if (o.as_json) {
        print_as_json(&machine, o.is_wsl2);
    } else {
        print_text(&machine, o.is_detailed, o.is_wsl2);
    }
    return EXIT_SUCCESS;
}

const struct cmd cmd_info = {
    .name = "nvbind info",
    .summary = "show the GPUs, their drivers, and what this machine lets a sandbox do",
    .details =
        "--detailed and --json also ask NVIDIA's library, which wakes sleeping GPUs, and tell "
        "what each GPU\nis doing now, and for which programs: of other users' programs only root "
        "sees it.",
    .opts = opts,
    .run = run,
};
