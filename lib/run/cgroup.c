/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "run/cgroup_settings.h"

static bool write_setting(const char *dir, const char *file, const char *value)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file);
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && nvb_write_all(fd, value, strlen(value));
}

/* Field 22 of /proc/PID/stat (proc(5)), behind the command name, which may hold anything. */
static uint64_t start_time_of(pid_t pid)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/stat", (int)pid);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *p = NULL;

    if (!nvb_read_file(AT_FDCWD, path, 4096, &text, NULL, &ignored))
        return 0;
    p = strrchr(text, ')');
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

/* Cgroups of supervisors that are gone. One that still has processes cannot be removed. */
static void sweep(const char *parent)
{
    DIR *dir = opendir(parent);

    if (!dir)
        return;
    for (const struct dirent *e = NULL; (e = readdir(dir));) {
        int pid = 0;
        unsigned long long start = 0;

        if (sscanf(e->d_name, "nvbind-%d-%llu", &pid, &start) != 2) // NOLINT(cert-err34-c)
            continue;
        if (start_time_of(pid) != start)
            (void)unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
    }
    (void)closedir(dir);
}

static bool make_below(const char *parent, struct nvb_cgroup *cgroup)
{
    char *dir = nvb_xasprintf("%s/nvbind-%d-%llu", parent, (int)getpid(),
                              (unsigned long long)start_time_of(getpid()));

    sweep(parent);
    if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
        free(dir);
        return false;
    }
    cgroup->dirs[cgroup->n_dirs++] = dir;
    return true;
}

static bool refuse(struct nvb_err *err, const char *why)
{
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "limits cannot apply here: %s", why);
    return nvb_hint(err, "run as root, log in to a systemd user session with a delegated cgroup, "
                         "or leave --memory, --cpus and --pids out");
}

static bool refuse_errno(struct nvb_err *err, const char *what, const char *where)
{
    nvb_autofree char *why = nvb_xasprintf("%s '%s': %s", what, where, strerror(errno));

    return refuse(err, why);
}

/* v1: each controller is a tree of its own below /sys/fs/cgroup. */
static bool
make_v1(const struct nvb_cgroup_settings *settings, struct nvb_cgroup *cgroup, struct nvb_err *err)
{
    const char *made_for = "";

    for (size_t i = 0; i < settings->n; i++) {
        const struct nvb_cgroup_setting *s = &settings->items[i];
        nvb_autofree char *tree = nvb_xasprintf("/sys/fs/cgroup/%s", s->controller);

        if (strcmp(made_for, s->controller) != 0) {
            if (!make_below(tree, cgroup))
                return refuse_errno(err, "no cgroup can be made in", tree);
            made_for = s->controller;
        }
        if (!write_setting(cgroup->dirs[cgroup->n_dirs - 1], s->file, s->value))
            return refuse_errno(err, "the kernel refuses", s->file);
    }
    return true;
}

/* "0::/user.slice/..." of /proc/self/cgroup -> the directory of the caller's own cgroup. */
static char *dup_own_v2_dir(const char *mount_point)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *line = NULL;

    if (!nvb_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &text, NULL, &ignored))
        return NULL;
    line = strstr(text, "0::");
    if (!line || (line != text && line[-1] != '\n'))
        return NULL;
    line += strlen("0::");
    line[strcspn(line, "\n")] = '\0';
    return nvb_xasprintf("%s%s", mount_point, strcmp(line, "/") == 0 ? "" : line);
}

/* Controllers are switched on for children in the parent; the file needs them all at once. */
static bool enable_controllers(const char *parent,
                               const struct nvb_cgroup_settings *settings,
                               struct nvb_err *err)
{
    nvb_auto_buf wanted = { 0 };

    for (size_t i = 0; i < settings->n; i++)
        nvb_buf_addf(&wanted, "%s+%s", i ? " " : "", settings->items[i].controller);
    if (!write_setting(parent, "cgroup.subtree_control", wanted.data))
        return refuse_errno(err, "controllers cannot be switched on in", parent);
    return true;
}

/* v2: beside the caller's own cgroup, whose parent must be ours to write (delegation); processes
 * may live only in leaves, so not below it. Root makes it below the top. */
static bool
make_v2(const struct nvb_cgroup_settings *settings, struct nvb_cgroup *cgroup, struct nvb_err *err)
{
    nvb_autofree char *own =
        geteuid() == 0 ? nvb_xstrdup("/sys/fs/cgroup/.") : dup_own_v2_dir("/sys/fs/cgroup");
    char *slash = own ? strrchr(own, '/') : NULL;

    if (!slash || nvb_has_suffix(own, "/cgroup"))
        return refuse(err, "this session's cgroup is not delegated to you");
    *slash = '\0';
    if (!make_below(own, cgroup))
        return refuse_errno(err, "no cgroup can be made in", own);
    if (!enable_controllers(own, settings, err))
        return false;
    for (size_t i = 0; i < settings->n; i++) {
        const struct nvb_cgroup_setting *s = &settings->items[i];
        bool is_optional = strcmp(s->file, "memory.swap.max") == 0; /* absent without swap */

        if (!write_setting(cgroup->dirs[0], s->file, s->value) && !is_optional)
            return refuse_errno(err, "the kernel refuses", s->file);
    }
    return true;
}

bool nvb_cgroup_make(const struct nvb_limits *limits, struct nvb_cgroup *out, struct nvb_err *err)
{
    bool is_v2 = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    struct nvb_cgroup_settings settings = { 0 };
    bool ok = false;

    *out = (struct nvb_cgroup){ 0 };
    nvb_cgroup_settings_make(limits, is_v2, &settings);
    if (settings.n == 0)
        return true;
    ok = is_v2 ? make_v2(&settings, out, err) : make_v1(&settings, out, err);
    if (!ok)
        nvb_cgroup_remove(out);
    return ok;
}

bool nvb_cgroup_enter(const struct nvb_cgroup *cgroup, pid_t pid, struct nvb_err *err)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    for (size_t i = 0; i < cgroup->n_dirs; i++) {
        if (!write_setting(cgroup->dirs[i], "cgroup.procs", text))
            return refuse_errno(err, "the container cannot be moved into", cgroup->dirs[i]);
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
