/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/scope.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool nvb_scope_is_inside(void)
{
    const char *value = getenv(NVB_SCOPE_VARIABLE);

    return value && *value;
}

static char *dup_program(const char *name)
{
    const char *path = getenv("PATH");

    for (const char *p = path ? path : ""; *p; p += *p == ':') {
        size_t len = strcspn(p, ":");
        nvb_autofree char *full = nvb_xasprintf("%.*s/%s", (int)len, p, name);

        if (*p == '/' && access(full, X_OK) == 0)
            return nvb_steal(&full);
        p += len;
    }
    return NULL;
}

/* Root talks to the system's manager, which has a socket of its own beside the bus. */
static bool has_bus(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    nvb_autofree char *bus = NULL;

    if (geteuid() == 0) {
        return access("/run/systemd/private", F_OK) == 0 ||
               access("/run/dbus/system_bus_socket", F_OK) == 0;
    }
    if (!runtime || *runtime != '/')
        return false;
    bus = nvb_xasprintf("%s/bus", runtime);
    return access(bus, W_OK) == 0;
}

NVB_PRINTF(2, 3) static void add_property(struct nvb_strv *line, const char *fmt, ...)
{
    char text[64];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    nvb_strv_add(line, "-p");
    nvb_strv_add(line, text);
}

static void add_limits(const struct nvb_limits *limits, struct nvb_strv *line)
{
    if (limits->memory_bytes) {
        add_property(line, "MemoryMax=%llu", (unsigned long long)limits->memory_bytes);
        add_property(line, "MemorySwapMax=0");
    }
    if (limits->cpu_millis) {
        add_property(line, "CPUQuota=%llu.%llu%%", (unsigned long long)limits->cpu_millis / 10,
                     (unsigned long long)limits->cpu_millis % 10);
    }
    if (limits->n_pids) /* one more, for the supervisor, which is in the scope as well */
        add_property(line, "TasksMax=%llu", (unsigned long long)limits->n_pids + 1);
}

bool nvb_scope_make_line(const struct nvb_limits *limits,
                         const char *program,
                         char *const *args,
                         struct nvb_strv *out_line)
{
    nvb_autofree char *systemd_run = dup_program("systemd-run");

    if (!systemd_run || access("/run/systemd/system", F_OK) < 0 || !has_bus())
        return false;
    nvb_strv_add(out_line, systemd_run);
    if (geteuid() != 0)
        nvb_strv_add(out_line, "--user");
    nvb_strv_add(out_line, "--scope");
    nvb_strv_add(out_line, "--quiet");
    nvb_strv_add(out_line, "--collect");
    /* Otherwise one process that runs out of memory ends them all (systemd 253). */
    add_property(out_line, "Delegate=yes");
    add_limits(limits, out_line);
    nvb_strv_add(out_line, "--");
    nvb_strv_add(out_line, program);
    for (size_t i = 0; args[i]; i++)
        nvb_strv_add(out_line, args[i]);
    return true;
}

const char *nvb_scope_advice(void)
{
    nvb_autofree char *systemd_run = dup_program("systemd-run");

    if (access("/run/systemd/system", F_OK) < 0)
        return "have a cgroup delegated to you";
    if (!systemd_run)
        return "put systemd-run into PATH";
    return has_bus() ? "ask systemd for a cgroup of your own"
                     : "log in to a systemd user session, with a bus in XDG_RUNTIME_DIR";
}

bool nvb_scope_execute(const struct nvb_strv *line, struct nvb_err *err)
{
    nvb_auto_strv env = { 0 };

    for (char *const *e = environ; *e; e++)
        nvb_strv_add(&env, *e);
    nvb_env_set(&env, NVB_SCOPE_VARIABLE, "1");
    (void)execve(line->items[0], line->items, env.items);
    return nvb_fail_errno(err, NVB_D_RUN, "cannot start '%s'", line->items[0]);
}
