/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "run/cgroup_tree.h"
#include "run/scope.h"

/* One file of a controller. */
struct setting {
    const char *file;
    char value[48];
    bool is_optional; /* the file is absent on a kernel without swap accounting */
};

enum {
    SETTINGS_MAX = 2,
    CPU_PERIOD_US = 100000,
};

static const char *const controllers[NVB_CGROUP_DIRS] = { "memory", "cpu", "pids" };

NVB_PRINTF(3, 4)

static void set(struct setting *setting, const char *file, const char *fmt, ...)
{
    va_list ap;

    setting->file = file;
    va_start(ap, fmt);
    (void)vsnprintf(setting->value, sizeof(setting->value), fmt, ap);
    va_end(ap);
}

static size_t collect_memory(unsigned long long bytes, bool is_v2, struct setting out[SETTINGS_MAX])
{
    set(&out[0], is_v2 ? "memory.max" : "memory.limit_in_bytes", "%llu", bytes);
    /* What would be swapped out is a limit evaded. Version 1 counts both in one number. */
    if (is_v2) {
        set(&out[1], "memory.swap.max", "0");
    } else {
        set(&out[1], "memory.memsw.limit_in_bytes", "%llu", bytes);
    }
    out[1].is_optional = true;
    return 2;
}

/* A controller's limits in the words of one cgroup version; 0: nothing was asked of it. */
static size_t collect(const struct nvb_limits *limits,
                      const char *controller,
                      bool is_v2,
                      struct setting out[SETTINGS_MAX])
{
    unsigned long long quota_us = limits->cpu_millis * (CPU_PERIOD_US / 1000);

    if (strcmp(controller, "memory") == 0 && limits->memory_bytes)
        return collect_memory(limits->memory_bytes, is_v2, out);
    if (strcmp(controller, "cpu") == 0 && limits->cpu_millis) {
        if (is_v2) {
            set(&out[0], "cpu.max", "%llu %d", quota_us, CPU_PERIOD_US);
        } else {
            set(&out[0], "cpu.cfs_quota_us", "%llu", quota_us);
        }
        return 1;
    }
    if (strcmp(controller, "pids") == 0 && limits->n_pids) {
        set(&out[0], "pids.max", "%llu", (unsigned long long)limits->n_pids);
        return 1;
    }
    return 0;
}

static bool is_wanted(const struct nvb_limits *limits, const char *controller)
{
    struct setting ignored[SETTINGS_MAX];

    return collect(limits, controller, true, ignored) > 0;
}

static bool write_setting(const char *dir, const char *file, const char *value)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file);
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && nvb_write_all(fd, value, strlen(value));
}

/* Cgroups of supervisors that are gone. One that still has processes cannot be removed. */
static unsigned sweep(const char *parent)
{
    DIR *dir = opendir(parent);
    unsigned n = 0;

    if (!dir)
        return 0;
    for (const struct dirent *e = NULL; (e = readdir(dir));) {
        int pid = 0;
        unsigned long long start = 0;

        if (sscanf(e->d_name, "nvbind-%d-%llu", &pid, &start) != 2) // NOLINT(cert-err34-c)
            continue;
        if (nvb_process_start_ticks(pid) != start &&
            unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR) == 0)
            n++;
    }
    (void)closedir(dir);
    return n;
}

static char *dup_name(const char *parent)
{
    return nvb_xasprintf("%s/nvbind-%d-%llu", parent, (int)getpid(),
                         (unsigned long long)nvb_process_start_ticks(getpid()));
}

static bool make_below(const char *parent, struct nvb_cgroup *cgroup)
{
    char *dir = dup_name(parent);

    (void)sweep(parent);
    if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
        free(dir);
        return false;
    }
    cgroup->dirs[cgroup->n_dirs++] = dir;
    return true;
}

static bool apply(const struct nvb_limits *limits,
                  const char *controller,
                  bool is_v2,
                  const char *group,
                  struct nvb_err *err)
{
    struct setting settings[SETTINGS_MAX] = { 0 };
    size_t n = collect(limits, controller, is_v2, settings);

    for (size_t i = 0; i < n; i++) {
        if (write_setting(group, settings[i].file, settings[i].value) ||
            (settings[i].is_optional && errno == ENOENT))
            continue;
        return nvb_cgroup_refuse_write(group, settings[i].file, err);
    }
    return true;
}

static bool make_v1(const struct nvb_limits *limits,
                    const char *controller,
                    const char *top,
                    struct nvb_cgroup *cgroup,
                    struct nvb_err *err)
{
    if (!make_below(top, cgroup))
        return nvb_cgroup_refuse_make(top, false, err);
    return apply(limits, controller, false, cgroup->dirs[cgroup->n_dirs - 1], err);
}

/* A group of which only this process is a member becomes free for groups with limits when it
 * moves into a leaf. It stays there, since the way back is closed now; the leaf bears the name of
 * a container's group, so that whoever sweeps removes it. */
static bool move_to_leaf(const char *group)
{
    nvb_autofree char *name = dup_name(group);
    nvb_autofree char *leaf = nvb_xasprintf("%s-self", name);
    nvb_autofree char *procs = nvb_xasprintf("%s/cgroup.procs", group);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char own[16];

    (void)snprintf(own, sizeof(own), "%d\n", (int)getpid());
    if (!nvb_read_file(AT_FDCWD, procs, 4096, &text, NULL, &ignored) || strcmp(text, own) != 0 ||
        (mkdir(leaf, 0755) < 0 && errno != EEXIST))
        return false;
    return write_setting(leaf, "cgroup.procs", own);
}

/* May the group have children with limits? The kernel itself says no to some controllers only:
 * with cpu and pids it makes the children threaded instead, and no process may enter those. */
static bool has_room(const char *group)
{
    nvb_autofree char *procs = nvb_xasprintf("%s/cgroup.procs", group);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };

    return nvb_cgroup_is_root(group) ||
           (nvb_read_file(AT_FDCWD, procs, 1 << 20, &text, NULL, &ignored) && !*text) ||
           move_to_leaf(group);
}

/* Controllers are switched on for children in the parent; the file needs them all at once. */
static bool
enable_controllers(const char *parent, const struct nvb_limits *limits, struct nvb_err *err)
{
    nvb_auto_buf wanted = { 0 };

    nvb_buf_add_str(&wanted, "");
    for (size_t i = 0; i < NVB_CGROUP_DIRS; i++) {
        if (!is_wanted(limits, controllers[i]))
            continue;
        if (!nvb_cgroup_offers(parent, controllers[i]))
            return nvb_cgroup_refuse_absent(parent, controllers[i], err);
        nvb_buf_addf(&wanted, "%s+%s", wanted.len ? " " : "", controllers[i]);
    }
    if (!has_room(parent)) {
        errno = EBUSY;
    } else if (write_setting(parent, "cgroup.subtree_control", wanted.data)) {
        return true;
    }
    return nvb_cgroup_refuse_write(parent, "cgroup.subtree_control", err);
}

static bool make_v2_below(const char *parent,
                          const struct nvb_limits *limits,
                          struct nvb_cgroup *cgroup,
                          struct nvb_err *err)
{
    if (!make_below(parent, cgroup))
        return nvb_cgroup_refuse_make(parent, true, err);
    if (!enable_controllers(parent, limits, err))
        return false;
    for (size_t i = 0; i < NVB_CGROUP_DIRS; i++) {
        if (!apply(limits, controllers[i], true, cgroup->dirs[cgroup->n_dirs - 1], err))
            return false;
    }
    return true;
}

/* The first parent that takes it. Of several refusals that one is told which is not merely about
 * a group that is somebody else's. */
static bool make_v2(const char *top,
                    const struct nvb_limits *limits,
                    struct nvb_cgroup *cgroup,
                    struct nvb_err *err)
{
    nvb_auto_strv parents = { 0 };

    nvb_cgroup_tree_parents(top, &parents);
    for (size_t i = 0; i < parents.n; i++) {
        struct nvb_err refusal = { 0 };

        if (make_v2_below(parents.items[i], limits, cgroup, &refusal)) {
            nvb_err_clear(err);
            return true;
        }
        nvb_cgroup_remove(cgroup);
        if (err->n_lines == 0 || err->kind == NVB_E_DENIED) {
            nvb_err_clear(err);
            *err = refusal;
        } else {
            nvb_err_clear(&refusal);
        }
    }
    return false;
}

/* Inside of systemd's scope: is each limit set there? It leaves out, without a word, what it has
 * no controller for. */
static bool is_held(const char *group, const struct nvb_limits *limits, const char *controller)
{
    struct setting wanted[SETTINGS_MAX] = { 0 };
    nvb_autofree char *path = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    unsigned long long most = 0;
    char *end = NULL;

    (void)collect(limits, controller, true, wanted);
    path = nvb_xasprintf("%s/%s", group, wanted[0].file);
    if (!nvb_read_file(AT_FDCWD, path, 256, &text, NULL, &ignored) || nvb_has_prefix(text, "max"))
        return false;
    most = strtoull(text, &end, 10);
    if (strcmp(controller, "cpu") == 0) {
        unsigned long long period = strtoull(end, NULL, 10);

        return period > 0 && most * 1000 / period <= limits->cpu_millis;
    }
    /* The supervisor is in the scope as well. */
    return most <= (strcmp(controller, "pids") == 0 ? limits->n_pids + 1 : limits->memory_bytes);
}

static bool check_scope(const struct nvb_limits *limits, struct nvb_err *err)
{
    nvb_autofree char *top = nvb_cgroup_tree_dup_v2();
    nvb_autofree char *own = top ? nvb_cgroup_tree_dup_own(top) : NULL;

    for (size_t i = 0; i < NVB_CGROUP_DIRS; i++) {
        if (!is_wanted(limits, controllers[i]) || (own && is_held(own, limits, controllers[i])))
            continue;
        nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
                 "limits cannot apply here: systemd has not limited '%s' for its scope '%s'",
                 controllers[i], own ? own : "that cannot be seen");
        return nvb_hint(
            err,
            "nvbind doctor tells how systemd delegates the controller, or unset " NVB_SCOPE_VARIABLE);
    }
    return true;
}

static bool make(const struct nvb_limits *limits, struct nvb_cgroup *out, struct nvb_err *err)
{
    bool has_v2 = false;

    for (size_t i = 0; i < NVB_CGROUP_DIRS; i++) {
        struct nvb_cgroup_tree tree = { 0 };
        bool ok = true;

        if (!is_wanted(limits, controllers[i]))
            continue;
        if (!nvb_cgroup_tree_find(controllers[i], &tree, err))
            return false;
        if (!tree.is_v2) {
            ok = make_v1(limits, controllers[i], tree.top, out, err);
        } else if (!has_v2) {
            has_v2 = true;
            ok = make_v2(tree.top, limits, out, err);
        }
        nvb_cgroup_tree_clear(&tree);
        if (!ok)
            return false;
    }
    return true;
}

bool nvb_cgroup_make(const struct nvb_limits *limits, struct nvb_cgroup *out, struct nvb_err *err)
{
    *out = (struct nvb_cgroup){ 0 };
    if (!limits->memory_bytes && !limits->cpu_millis && !limits->n_pids)
        return true;
    if (nvb_scope_is_inside())
        return check_scope(limits, err);
    if (make(limits, out, err))
        return true;
    nvb_cgroup_remove(out);
    return false;
}

bool nvb_cgroup_wants_scope(const struct nvb_limits *limits)
{
    struct nvb_cgroup probe = { 0 };
    nvb_auto_err ignored = { 0 };
    bool ok = false;

    if ((!limits->memory_bytes && !limits->cpu_millis && !limits->n_pids) ||
        nvb_scope_is_inside() || access("/sys/fs/cgroup/cgroup.controllers", F_OK) < 0)
        return false;
    if (geteuid() == 0)
        return true;
    ok = nvb_cgroup_make(limits, &probe, &ignored);
    nvb_cgroup_remove(&probe);
    return !ok;
}

unsigned nvb_cgroup_sweep(void)
{
    nvb_autofree char *v2 = nvb_cgroup_tree_dup_v2();
    nvb_auto_strv parents = { 0 };
    unsigned n = 0;

    for (size_t i = 0; i < NVB_CGROUP_DIRS; i++) {
        nvb_autofree char *v1 = nvb_xasprintf("/sys/fs/cgroup/%s", controllers[i]);

        n += sweep(v1);
    }
    if (v2)
        nvb_cgroup_tree_parents(v2, &parents);
    for (size_t i = 0; i < parents.n; i++)
        n += sweep(parents.items[i]);
    return n;
}

bool nvb_cgroup_enter(const struct nvb_cgroup *cgroup, pid_t pid, struct nvb_err *err)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    for (size_t i = 0; i < cgroup->n_dirs; i++) {
        if (!write_setting(cgroup->dirs[i], "cgroup.procs", text))
            return nvb_cgroup_refuse_write(cgroup->dirs[i], "cgroup.procs", err);
    }
    return true;
}

void nvb_cgroup_remove(struct nvb_cgroup *cgroup)
{
    for (size_t i = 0; i < cgroup->n_dirs; i++) {
        /* The last process is reaped, but the kernel lets go of its cgroup a moment later. */
        for (int tries = 0; rmdir(cgroup->dirs[i]) < 0 && errno == EBUSY && tries < 50; tries++)
            (void)usleep(1000);
        free(cgroup->dirs[i]);
    }
    *cgroup = (struct nvb_cgroup){ 0 };
}

void nvb_cgroup_forget(struct nvb_cgroup *cgroup)
{
    for (size_t i = 0; i < cgroup->n_dirs; i++)
        free(cgroup->dirs[i]);
    *cgroup = (struct nvb_cgroup){ 0 };
}
