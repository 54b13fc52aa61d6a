/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "group_devices.h"
#include "group_limits.h"

enum {
    REMOVE_TRIES = 100,
};

static bool write_file(const char *dir, const char *file, const char *value)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file);
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && nvb_write_all(fd, value, strlen(value));
}

bool group_write(const char *dir, const char *file, const char *value, struct nvb_err *err)
{
    return write_file(dir, file, value) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot write '%s' to '%s/%s'", value, dir, file);
}

/* "a-b.slice" lies in "a.slice". */
static void add_slice(struct nvb_buf *path, const char *slice)
{
    size_t stem = nvb_has_suffix(slice, ".slice") ? strlen(slice) - 6 : strlen(slice);

    for (size_t i = 0; i < stem; i++) {
        if (slice[i] == '-')
            nvb_buf_addf(path, "/%.*s.slice", (int)i, slice);
    }
    if (stem > 0 && strcmp(slice, "-") != 0)
        nvb_buf_addf(path, "/%.*s.slice", (int)stem, slice);
}

/* "SLICE:PREFIX:NAME", systemd's way to name a group, as the directory that systemd would make. */
static char *dup_systemd_path(const char *text, const char *id)
{
    nvb_autofree char *copy = nvb_xstrdup(text ? text : "");
    char *prefix = strchr(copy, ':');
    char *name = prefix ? strchr(prefix + 1, ':') : NULL;
    nvb_auto_buf path = { 0 };

    if (!name)
        return nvb_xasprintf("/system.slice/nvbind-%s.scope", id);
    *prefix++ = '\0';
    *name++ = '\0';
    add_slice(&path, *copy ? copy : "system.slice");
    if (nvb_has_suffix(name, ".slice")) {
        add_slice(&path, name);
    } else {
        nvb_buf_addf(&path, "/%s%s%s.scope", prefix, *prefix ? "-" : "", name);
    }
    return nvb_steal(&path.data);
}

static char *dup_group_dir(const struct group_tree *tree,
                           const struct spec *spec,
                           const char *id,
                           bool is_systemd)
{
    nvb_autofree char *systemd = NULL;
    const char *path = spec->cgroups_path;
    const char *own = strcmp(tree->own, "/") == 0 ? "" : tree->own;

    if (is_systemd) {
        systemd = dup_systemd_path(path, id);
        path = systemd;
    }
    if (!path && geteuid() == 0)
        return nvb_xasprintf("%s/%s", tree->top, id);
    if (path && path[0] == '/')
        return nvb_xasprintf("%s%s", tree->top, path);
    return nvb_xasprintf("%s%s/%s", tree->top, own, path ? path : id);
}

/* A cpuset begins empty, and no process may enter it so. */
static void inherit_cpuset(const char *parent, const char *dir)
{
    static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        nvb_autofree char *from = nvb_xasprintf("%s/%s", parent, files[i]);
        nvb_autofree char *to = nvb_xasprintf("%s/%s", dir, files[i]);
        nvb_autofree char *text = NULL;
        nvb_autofree char *now = NULL;
        nvb_auto_err ignored = { 0 };

        if (nvb_read_file(AT_FDCWD, to, 4096, &now, NULL, &ignored) && !*nvb_trim(now) &&
            nvb_read_file(AT_FDCWD, from, 4096, &text, NULL, &ignored))
            (void)write_file(dir, files[i], nvb_trim(text));
    }
}

/* Whatever the parent offers; what it does not give is noticed when a limit cannot be written. */
static void enable_controllers(const char *parent)
{
    nvb_autofree char *path = nvb_xasprintf("%s/cgroup.controllers", parent);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *save = NULL;

    if (!nvb_read_file(AT_FDCWD, path, 4096, &text, NULL, &ignored))
        return;
    for (char *word = strtok_r(text, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
        nvb_autofree char *wish = nvb_xasprintf("+%s", word);

        (void)write_file(parent, "cgroup.subtree_control", wish);
    }
}

static bool make_dirs(const struct group_tree *tree, const char *dir)
{
    nvb_autofree char *path = nvb_xstrdup(dir);

    for (char *p = path + strlen(tree->top); p;) {
        nvb_autofree char *parent = nvb_xstrndup(path, (size_t)(p - path));

        p = strchr(p + 1, '/');
        if (p)
            *p = '\0';
        if (tree->is_v2)
            enable_controllers(parent);
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return false;
        if (!tree->is_v2)
            inherit_cpuset(parent, path);
        if (p)
            *p = '/';
    }
    return true;
}

static const char *find_dir(const struct nvb_strv *dirs, const char *file)
{
    for (size_t i = 0; i < dirs->n; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", dirs->items[i], file);

        if (access(path, F_OK) == 0)
            return dirs->items[i];
    }
    return NULL;
}

static bool has_controller(const struct group_settings *settings, const char *controller)
{
    for (size_t i = 0; i < settings->n; i++) {
        if (strcmp(settings->items[i].controller, controller) == 0)
            return true;
    }
    return false;
}

static bool fail_missing(const struct group_setting *s, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
             "the limit '%s' cannot be set: there is no such cgroup file here", s->file);
    return nvb_hint(err, "the controller '%s' must be switched on above the container",
                    s->controller);
}

/* A setting of version 1 whose controller is not there is version 2's to fulfil. */
static bool apply(const struct nvb_strv *dirs,
                  const struct group_settings *settings,
                  const struct group_settings *instead,
                  struct nvb_err *err)
{
    for (size_t i = 0; i < settings->n; i++) {
        const struct group_setting *s = &settings->items[i];
        const char *dir = find_dir(dirs, s->file);

        if (dir ? !group_write(dir, s->file, s->value, err)
                : !s->is_optional && !(instead && has_controller(instead, s->controller)) &&
                      !fail_missing(s, err))
            return false;
    }
    return true;
}

/* Without the settings whose controller version 1 has in one of the directories. */
static void
keep_unmet(struct group_settings *v2, const struct group_settings *v1, const struct nvb_strv *dirs)
{
    for (size_t i = 0; i < v2->n; i++) {
        for (size_t k = 0; k < v1->n; k++) {
            if (strcmp(v1->items[k].controller, v2->items[i].controller) == 0 &&
                find_dir(dirs, v1->items[k].file))
                v2->items[i].is_optional = true;
        }
    }
}

bool group_update(const struct nvb_strv *dirs, struct field_of resources, struct nvb_err *err)
{
    bool has_v1 = find_dir(dirs, "tasks") != NULL; /* a file of version 1 alone */
    struct group_settings v1 = { 0 };
    struct group_settings v2 = { 0 };
    bool ok = group_limits_v2(resources, &v2, err);

    if (ok && has_v1) {
        ok = group_limits_v1(resources, &v1, err);
        keep_unmet(&v2, &v1, dirs);
    }
    ok = ok && apply(dirs, &v1, &v2, err) && apply(dirs, &v2, NULL, err);
    group_settings_clear(&v1);
    group_settings_clear(&v2);
    return ok;
}

static bool
limit_devices(const struct nvb_strv *dirs, struct field_of resources, struct nvb_err *err)
{
    struct group_device_rules rules = { 0 };
    const char *v1 = find_dir(dirs, "devices.allow");
    const char *v2 = find_dir(dirs, "cgroup.controllers");
    bool ok = group_devices_read(resources, &rules, err);

    if (ok && v1) {
        ok = group_devices_apply_v1(&rules, v1, err);
    } else if (ok && v2 && geteuid() == 0) {
        ok = group_devices_apply_v2(&rules, v2, err);
    }
    group_devices_clear(&rules);
    return ok;
}

bool group_make(const struct spec *spec,
                const char *id,
                bool is_systemd,
                struct nvb_strv *out_dirs,
                struct nvb_err *err)
{
    struct group_trees trees = { 0 };
    bool is_wanted = spec->cgroups_path || nvb_json_has_keys(spec->resources.object);
    bool ok = group_trees_read(&trees, err);

    for (size_t i = 0; ok && i < trees.n; i++) {
        nvb_autofree char *dir = dup_group_dir(&trees.items[i], spec, id, is_systemd);

        if (strstr(dir, "/../"))
            ok = nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "'linux.cgroupsPath' leaves its tree");
        else if (make_dirs(&trees.items[i], dir))
            nvb_strv_add(out_dirs, dir);
        else if (is_wanted && geteuid() == 0)
            ok = nvb_fail_errno(err, NVB_D_RUN, "cannot make the cgroup '%s'", dir);
    }
    group_trees_clear(&trees);
    return ok && group_update(out_dirs, spec->resources, err) &&
           (out_dirs->n == 0 || limit_devices(out_dirs, spec->resources, err));
}

bool group_enter(const struct nvb_strv *dirs, pid_t pid, struct nvb_err *err)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    for (size_t i = 0; i < dirs->n; i++) {
        if (!group_write(dirs->items[i], "cgroup.procs", text, err))
            return false;
    }
    return true;
}

static bool reads(const char *dir, const char *file, const char *word)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };

    return nvb_read_file(AT_FDCWD, path, 4096, &text, NULL, &ignored) &&
           strcmp(nvb_trim(text), word) == 0;
}

bool group_is_frozen(const struct nvb_strv *dirs)
{
    for (size_t i = 0; i < dirs->n; i++) {
        if (reads(dirs->items[i], "cgroup.freeze", "1") ||
            reads(dirs->items[i], "freezer.state", "FROZEN") ||
            reads(dirs->items[i], "freezer.state", "FREEZING"))
            return true;
    }
    return false;
}

bool group_freeze(const struct nvb_strv *dirs, bool is_frozen, struct nvb_err *err)
{
    const char *v1 = find_dir(dirs, "freezer.state");
    const char *v2 = find_dir(dirs, "cgroup.freeze");

    if (v2)
        return group_write(v2, "cgroup.freeze", is_frozen ? "1" : "0", err);
    if (v1)
        return group_write(v1, "freezer.state", is_frozen ? "FROZEN" : "THAWED", err);
    return nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "the container has no cgroup to be held by");
}

/* The names of what lies below a group; the caller frees. */
static void list_children(const char *dir, struct nvb_strv *out)
{
    DIR *d = opendir(dir);

    if (!d)
        return;
    for (const struct dirent *e = NULL; (e = readdir(d));) {
        if (e->d_type == DT_DIR && e->d_name[0] != '.')
            nvb_strv_addf(out, "%s/%s", dir, e->d_name);
    }
    (void)closedir(d);
}

static void collect_pids(const char *dir, pid_t **pids, size_t *n)
{
    nvb_autofree char *path = nvb_xasprintf("%s/cgroup.procs", dir);
    nvb_autofree char *text = NULL;
    nvb_auto_strv children = { 0 };
    nvb_auto_err ignored = { 0 };
    char *save = NULL;

    if (!nvb_read_file(AT_FDCWD, path, 1 << 24, &text, NULL, &ignored))
        return;
    for (char *word = strtok_r(text, "\n", &save); word; word = strtok_r(NULL, "\n", &save)) {
        uint64_t pid = 0;

        if (!nvb_parse_u64(word, INT32_MAX, &pid) || pid == 0)
            continue;
        *pids = nvb_xrealloc(*pids, *n + 1, sizeof(**pids));
        (*pids)[(*n)++] = (pid_t)pid;
    }
    list_children(dir, &children);
    for (size_t i = 0; i < children.n; i++)
        collect_pids(children.items[i], pids, n);
}

bool group_list_pids(const struct nvb_strv *dirs, pid_t **out_pids, size_t *out_n)
{
    *out_pids = NULL;
    *out_n = 0;
    /* Each of the trees has all of them. */
    if (dirs->n > 0)
        collect_pids(dirs->items[0], out_pids, out_n);
    return *out_n > 0;
}

void group_kill(const struct nvb_strv *dirs, int signal)
{
    const char *killer = signal == SIGKILL ? find_dir(dirs, "cgroup.kill") : NULL;
    pid_t *pids = NULL;
    size_t n = 0;

    if (killer && write_file(killer, "cgroup.kill", "1"))
        return;
    (void)group_list_pids(dirs, &pids, &n);
    for (size_t i = 0; i < n; i++)
        (void)kill(pids[i], signal);
    free(pids);
}

static void remove_tree(const char *dir)
{
    nvb_auto_strv children = { 0 };

    list_children(dir, &children);
    for (size_t i = 0; i < children.n; i++)
        remove_tree(children.items[i]);
    /* The last process is reaped, but the kernel lets go of its group a moment later. */
    for (int tries = 0; rmdir(dir) < 0 && errno == EBUSY && tries < REMOVE_TRIES; tries++)
        (void)usleep(1000);
}

void group_remove(const struct nvb_strv *dirs)
{
    for (size_t i = 0; i < dirs->n; i++)
        remove_tree(dirs->items[i]);
}
