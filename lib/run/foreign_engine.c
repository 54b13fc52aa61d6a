/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/foreign_engine.h"

#include <string.h>

#include "request/network.h"

/* Where the engines differ. */
struct nvb_foreign_engine {
    const char *name;
    const char *unmask; /* the option that shows all of /proc, for sandboxes inside */
};

static const struct nvb_foreign_engine engines[] = {
    {"podman",  "unmask=ALL"            },
    { "docker", "systempaths=unconfined"},
};

const struct nvb_foreign_engine *nvb_foreign_engine_find(const char *name)
{
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        if (strcmp(name, engines[i].name) == 0)
            return &engines[i];
    }
    return NULL;
}

static bool
check(const struct nvb_foreign_engine *engine, const struct nvb_request *r, struct nvb_err *err)
{
    const char *what = strcmp(r->image, "host") == 0                           ? "image 'host'"
                       : r->profile                                            ? "--profile"
                       : r->has_display && r->display != NVB_DISPLAY_WISH_NONE ? "--display"
                       : r->is_detached                                        ? "--detach"
                       : r->report                                             ? "--report"
                       : r->userns != NVB_USERNS_AUTO                          ? "--userns"
                       : r->trusts_image_gpu_env ? "--trust-image-gpu-env"
                       : r->joined               ? "a network by its name"
                                                 : NULL;

    if (!what)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "%s cannot be had from %s", what, engine->name);
    return nvb_hint(err, "leave --runtime out: nvbind's own engine has it");
}

static void add(struct nvb_strv *line, const char *option, const char *value)
{
    nvb_strv_add(line, option);
    if (value)
        nvb_strv_add(line, value);
}

static void add_process(const struct nvb_request *r, struct nvb_strv *line)
{
    if (r->is_interactive)
        add(line, "--interactive", NULL);
    if (r->has_tty)
        add(line, "--tty", NULL);
    if (r->name)
        add(line, "--name", r->name);
    if (r->hostname)
        add(line, "--hostname", r->hostname);
    if (r->workdir)
        add(line, "--workdir", r->workdir);
    if (r->user)
        add(line, "--user", r->user);
    if (r->entrypoint)
        add(line, "--entrypoint", r->entrypoint);
    if (r->is_read_only)
        add(line, "--read-only", NULL);
    for (size_t i = 0; i < r->n_env; i++)
        add(line, "--env", r->env[i]);
    for (size_t i = 0; i < r->n_labels; i++)
        add(line, "--label", r->labels[i]);
    for (size_t i = 0; i < r->n_added_caps; i++)
        add(line, "--cap-add", r->added_caps[i]);
    for (size_t i = 0; i < r->n_dropped_caps; i++)
        add(line, "--cap-drop", r->dropped_caps[i]);
}

static void add_limits(const struct nvb_request *r, struct nvb_strv *line)
{
    if (r->memory_bytes) {
        add(line, "--memory", NULL);
        nvb_strv_addf(line, "%llu", (unsigned long long)r->memory_bytes);
        /* Both alike: nothing of it may be swapped out, as with bolt. */
        add(line, "--memory-swap", NULL);
        nvb_strv_addf(line, "%llu", (unsigned long long)r->memory_bytes);
    }
    if (r->cpu_millis) {
        add(line, "--cpus", NULL);
        nvb_strv_addf(line, "%llu.%03llu", (unsigned long long)(r->cpu_millis / 1000),
                      (unsigned long long)(r->cpu_millis % 1000));
    }
    if (r->n_pids) {
        add(line, "--pids-limit", NULL);
        nvb_strv_addf(line, "%llu", (unsigned long long)r->n_pids);
    }
}

static void add_network(const struct nvb_foreign_engine *engine,
                        const struct nvb_request *r,
                        struct nvb_strv *line,
                        struct nvb_strv *warnings)
{
    if (r->network == NVB_NETWORK_NONE || r->network == NVB_NETWORK_HOST)
        add(line, "--network", nvb_network_name(r->network));
    if (r->network == NVB_NETWORK_INTERNET)
        nvb_strv_addf(warnings, "%s's network reaches the machine's neighbours, too", engine->name);
    for (size_t i = 0; i < r->n_ports; i++) {
        const char *addresses[2] = { NULL, NULL };
        size_t n = nvb_port_addresses(&r->ports[i], addresses);

        for (size_t k = 0; k < n; k++) {
            struct nvb_port port = r->ports[i];
            nvb_autofree char *address = nvb_xstrdup(addresses[k]);

            port.address = address;
            add(line, "--publish", NULL);
            nvb_strv_take(line, nvb_port_dup_text(&port));
        }
    }
}

static void add_sandbox(const struct nvb_foreign_engine *engine,
                        const struct nvb_request *r,
                        struct nvb_strv *line)
{
    if (r->has_sandbox && r->sandbox == NVB_SANDBOX_STEAM) {
        add(line, "--security-opt", "seccomp=unconfined");
        add(line, "--security-opt", engine->unmask);
    }
    add(line, "--security-opt", "no-new-privileges");
}

static void add_pull(const struct nvb_request *r, struct nvb_strv *line)
{
    static const char *const words[] = { "missing", "always", "never" };

    if (r->pull != NVB_PULL_MISSING)
        nvb_strv_addf(line, "--pull=%s", words[r->pull]);
}

static void add_bind(struct nvb_strv *line, const char *from, const char *to, bool is_ro)
{
    add(line, "--volume", NULL);
    nvb_strv_addf(line, "%s:%s%s", from, to, is_ro ? ":ro" : "");
}

static void
add_edits(const struct nvb_edits *edits, struct nvb_strv *line, struct nvb_strv *warnings)
{
    for (size_t i = 0; i < edits->n_nodes; i++) {
        const struct nvb_device_node *node = &edits->nodes[i];

        add(line, "--device", NULL);
        nvb_strv_addf(line, "%s:%s%s%s", node->host_path ? node->host_path : node->path, node->path,
                      node->permissions ? ":" : "", node->permissions ? node->permissions : "");
    }
    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *m = &edits->mounts[i];

        if (m->kind == NVB_MOUNT_BIND)
            add_bind(line, m->host_path, m->container_path, !m->is_writable);
        else
            nvb_strv_addf(warnings, "'%s' is left out: it is no file of this machine",
                          m->container_path);
    }
    for (size_t i = 0; i < edits->env.n; i++)
        add(line, "--env", edits->env.items[i]);
    for (size_t i = 0; i < edits->n_gids; i++) {
        add(line, "--group-add", NULL);
        nvb_strv_addf(line, "%u", edits->gids[i]);
    }
}

bool nvb_foreign_engine_make_line(const struct nvb_foreign_engine *engine,
                                  const struct nvb_request *r,
                                  const struct nvb_strv *cdi_names,
                                  const struct nvb_edits *edits,
                                  struct nvb_strv *line,
                                  struct nvb_strv *out_warnings,
                                  struct nvb_err *err)
{
    if (!check(engine, r, err))
        return false;
    add(line, engine->name, "run");
    add(line, "--rm", NULL);
    add_sandbox(engine, r, line);
    add_network(engine, r, line, out_warnings);
    add_pull(r, line);
    add_limits(r, line);
    for (size_t i = 0; i < cdi_names->n; i++)
        add(line, "--device", cdi_names->items[i]);
    add_edits(edits, line, out_warnings);
    /* Last, so that what the user says wins. */
    for (size_t i = 0; i < r->n_volumes; i++)
        add_bind(line, r->volumes[i].source, r->volumes[i].destination, r->volumes[i].is_ro);
    add_process(r, line);
    nvb_strv_add(line, r->image);
    for (size_t i = 0; i < r->n_command; i++)
        nvb_strv_add(line, r->command[i]);
    return true;
}
