/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "oci/container.h"

#include <string.h>
#include <sys/random.h>

#include "request/network.h"
#include "resolve/plan.h"

static const char container_home[] = "/home/user";

enum {
    CONTAINER_ID = 1000, /* the user and group of every container of image `host` */
};

/* What /proc and /sys tell or allow beyond what a program needs. Not under the `steam` sandbox:
 * one masked path in /proc makes the kernel refuse a nested mount of proc ("mount too
 * revealing"), and Steam's own containers need that. */
static const char *const masked[] = {
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/kallsyms",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
};
static const char *const readonly_in_proc[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static char *dup_random_id(void)
{
    uint64_t bits = 0;

    if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
        abort();
    return nvb_xasprintf("%012llx", (unsigned long long)(bits >> 16));
}

static void set_caller_env(struct nvb_strv *env, const char *name, const char *fallback)
{
    const char *value = getenv(name);

    if (value || fallback)
        nvb_env_set(env, name, value ? value : fallback);
}

/* What image `host` says. */
static void fill_host_base(struct nvb_container_base *base)
{
    nvb_env_set(&base->env, "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games");
    nvb_env_set(&base->env, "HOME", container_home);
    nvb_env_set(&base->env, "USER", "user");
    nvb_env_set(&base->env, "LOGNAME", "user");
    nvb_env_set(&base->env, "LANG", "C.UTF-8");
    nvb_env_set(&base->env, "XDG_RUNTIME_DIR", "/run/user/1000");
    nvb_env_set(&base->env, "container", "nvbind");
    nvb_strv_add(&base->args, "/bin/sh");
    base->cwd = nvb_xstrdup(container_home);
    base->home = nvb_xstrdup(container_home);
    base->uid = CONTAINER_ID;
    base->gid = CONTAINER_ID;
}

void nvb_container_base_clear(struct nvb_container_base *base)
{
    nvb_strv_clear(&base->env);
    nvb_strv_clear(&base->args);
    free(base->cwd);
    free(base->home);
    *base = (struct nvb_container_base){ 0 };
}

static void set_entry(struct nvb_strv *env, const char *entry)
{
    size_t len = strcspn(entry, "=");
    nvb_autofree char *name = nvb_xstrndup(entry, len);

    nvb_env_set(env, name, entry[len] ? entry + len + 1 : "");
}

/* The base every container gets, then the plan's, then the user's own words. Of the caller's
 * environment only the terminal type passes, and only to a terminal. */
static void fill_env(struct nvb_container *c,
                     const struct nvb_plan *plan,
                     const struct nvb_container_base *base)
{
    nvb_strv_copy(&c->env, &base->env);
    if (c->has_tty)
        set_caller_env(&c->env, "TERM", "xterm");
    for (size_t i = 0; i < plan->edits.env.n; i++)
        set_entry(&c->env, plan->edits.env.items[i]);
    for (size_t i = 0; i < plan->request->n_env; i++)
        set_entry(&c->env, plan->request->env[i]);
}

static void fill_paths(struct nvb_container *c)
{
    if (c->sandbox != NVB_SANDBOX_STRICT)
        return;
    for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++)
        nvb_strv_add(&c->masked_paths, masked[i]);
    for (size_t i = 0; i < sizeof(readonly_in_proc) / sizeof(readonly_in_proc[0]); i++)
        nvb_strv_add(&c->readonly_paths, readonly_in_proc[i]);
}

static void fill_names(struct nvb_container *c, const struct nvb_request *request)
{
    if (!request->joined)
        return;
    c->joined = nvb_xstrdup(request->joined);
    if (request->name)
        nvb_strv_add(&c->names, request->name);
    if (request->hostname && (!request->name || strcmp(request->name, request->hostname) != 0))
        nvb_strv_add(&c->names, request->hostname);
}

struct nvb_container *nvb_container_new_on(const struct nvb_plan *plan,
                                           const struct nvb_container_base *base)
{
    const struct nvb_request *request = plan->request;
    struct nvb_container *c = nvb_xcalloc(1, sizeof(*c));

    c->id = dup_random_id();
    c->image = nvb_xstrdup(request->image);
    c->hostname = nvb_xstrdup(request->hostname ? request->hostname : "bolt");
    c->home = nvb_xstrdup(base->home);
    c->cwd = nvb_xstrdup(request->workdir ? request->workdir : base->cwd);
    c->uid = base->uid;
    c->gid = base->gid;
    c->has_tty = request->has_tty;
    c->is_interactive = request->is_interactive;
    c->is_read_only = request->is_read_only;
    c->network = request->network;
    fill_names(c, request);
    nvb_ports_copy(&c->ports, &c->n_ports, request->ports, request->n_ports);
    c->sandbox = plan->sandbox;
    c->nofile = plan->nofile;
    c->has_frame_ring = plan->has_frame_times && !request->is_detached; /* nobody would read it */
    c->is_detached = request->is_detached;
    c->limits = (struct nvb_limits){
        .memory_bytes = request->memory_bytes,
        .cpu_millis = request->cpu_millis,
        .n_pids = request->n_pids,
    };
    nvb_strv_copy(&c->args, &plan->words);
    for (size_t i = 0; i < request->n_command; i++)
        nvb_strv_add(&c->args, request->command[i]);
    if (c->args.n == 0)
        nvb_strv_copy(&c->args, &base->args);
    fill_env(c, plan, base);
    fill_paths(c);
    nvb_edits_append(&c->edits, &plan->edits);
    return c;
}

struct nvb_container *nvb_container_new(const struct nvb_plan *plan)
{
    struct nvb_container_base base = { 0 };
    struct nvb_container *c = NULL;

    fill_host_base(&base);
    c = nvb_container_new_on(plan, &base);
    nvb_container_base_clear(&base);
    return c;
}

void nvb_container_free(struct nvb_container *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_steps; i++) {
        free(c->steps[i].path);
        free(c->steps[i].source);
        free(c->steps[i].content);
    }
    free(c->steps);
    free(c->id);
    free(c->image);
    free(c->hostname);
    free(c->cwd);
    free(c->home);
    free(c->layer);
    free(c->joined);
    nvb_strv_clear(&c->names);
    nvb_ports_clear(&c->ports, &c->n_ports);
    free(c->groups);
    free(c->kept);
    free(c->foreign_hint);
    nvb_strv_clear(&c->lowers);
    nvb_strv_clear(&c->writable);
    nvb_strv_clear(&c->args);
    nvb_strv_clear(&c->env);
    nvb_edits_clear(&c->edits);
    nvb_strv_clear(&c->masked_paths);
    nvb_strv_clear(&c->readonly_paths);
    free(c);
}

struct nvb_root_step *nvb_container_add_step(struct nvb_container *c,
                                             enum nvb_root_kind kind,
                                             const char *path,
                                             const char *source,
                                             const char *content,
                                             unsigned mode)
{
    c->steps = nvb_xrealloc(c->steps, c->n_steps + 1, sizeof(*c->steps));
    c->steps[c->n_steps++] = (struct nvb_root_step){
        .kind = kind,
        .path = nvb_xstrdup(path),
        .source = source ? nvb_xstrdup(source) : NULL,
        .content = content ? nvb_xstrdup(content) : NULL,
        .mode = mode,
    };
    return &c->steps[c->n_steps - 1];
}

static bool has_layered_edit_below(const struct nvb_edits *edits, const char *path)
{
    size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);

    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *m = &edits->mounts[i];

        if (m->is_layered && strncmp(m->container_path, path, len) == 0 &&
            m->container_path[len] == '/')
            return true;
    }
    return false;
}

void nvb_container_add_layer(struct nvb_container *c, const char *layer)
{
    c->layer = nvb_xstrdup(layer);
    for (size_t i = 0; i < c->n_steps; i++) {
        struct nvb_root_step *step = &c->steps[i];

        step->has_layer =
            step->kind == NVB_ROOT_OVERLAY && has_layered_edit_below(&c->edits, step->path);
    }
}
