/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi_files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cdi/registry.h"
#include "resolve/driver_ready.h"
#include "run/cdi_write.h"

enum {
    FAULTS_MAX = 5, /* of a view; the first tell enough */
};

#define RECIPE ".nvbind"

static bool is_specification(const char *name)
{
    return nvb_has_suffix(name, ".json") || nvb_has_suffix(name, ".yaml");
}

/* Of one that is gone the recipe may be left, and says that it should be there. */
static void add_if_specification(const char *dir,
                                 const struct nvb_strv *names,
                                 const char *name,
                                 struct nvb_strv *out_paths)
{
    size_t len = strlen(name) - (nvb_has_suffix(name, RECIPE) ? strlen(RECIPE) : 0);
    nvb_autofree char *own = nvb_xstrndup(name, len);

    if (is_specification(own) && (strcmp(own, name) == 0 || !nvb_strv_has(names, own)))
        nvb_strv_addf(out_paths, "%s/%s", dir, own);
}

static void add_typed(const struct nvb_host *host, const char *word, struct nvb_strv *out_paths)
{
    nvb_autofree char *here = host->is_live && *word != '/' ? getcwd(NULL, 0) : NULL;

    nvb_strv_addf(out_paths, "%s%s%s", here ? here : "", here ? "/" : "", word);
}

void cdi_files_find(const struct nvb_host *host, char *const *words, struct nvb_strv *out_paths)
{
    bool is_given = words && *words;

    for (; is_given && *words; words++)
        add_typed(host, *words, out_paths);
    for (const char *const *dir = nvb_cdi_default_dirs; !is_given && *dir; dir++) {
        nvb_auto_strv names = { 0 };
        nvb_auto_err absent = { 0 };

        if (!nvb_list_in_root(host->root_fd, *dir, &names, &absent))
            continue;
        for (size_t i = 0; i < names.n; i++)
            add_if_specification(*dir, &names, names.items[i], out_paths);
    }
}

/* A fresh system has no /etc/cdi. More than one missing directory is rather a slip of the keys. */
static bool make_directory_of(const char *path, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *dir = slash ? nvb_xstrndup(path, (size_t)(slash - path)) : NULL;

    if (!*path || (slash && !slash[1])) {
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' names no file", path);
    }
    if (!dir || !*dir || access(dir, F_OK) == 0 || mkdir(dir, 0755) == 0 || errno == EEXIST)
        return true;
    nvb_fail_errno(err, NVB_D_BASE, "cannot make directory '%s'", dir);
    return err->sys_errno == ENOENT ? nvb_hint(err, "mkdir -p '%s'", dir) : false;
}

bool cdi_files_write(const struct nvb_host *host,
                     const struct nvb_cdi_file_text *file,
                     const struct nvb_cdi_view *view,
                     struct nvb_err *err)
{
    return make_directory_of(file->path, err) && nvb_cdi_write(host, file, view, err);
}

void cdi_files_note_view(const struct nvb_host *host,
                         const struct nvb_cdi_view *view,
                         struct nvb_strv *notes)
{
    uint64_t is_enforcing = 0;

    if (!view->name)
        return;
    if (strcmp(view->dir, NVB_SYSTEM_VIEWS) != 0) {
        nvb_strv_addf(
            notes,
            "the driver's files are in your own '%s': an engine that root runs would give "
            "containers what you can change there, so make its specification as root",
            view->dir);
    }
    if (nvb_host_read_u64(host, "/sys/fs/selinux/enforce", &is_enforcing) && is_enforcing) {
        nvb_strv_addf(notes,
                      "SELinux may keep containers from '%s': semanage fcontext -a -t "
                      "container_ro_file_t '%s(/.*)?' && restorecon -R '%s', or --no-view",
                      view->dir, view->dir, view->dir);
    }
}

void cdi_files_check_view(struct nvb_cdi_verdict *verdict)
{
    nvb_auto_strv faults = { 0 };

    if (!verdict->view_path || verdict->reasons.n > 0)
        return;
    nvb_cdi_view_check(verdict->view_path, &faults);
    for (size_t i = 0; i < faults.n && i < FAULTS_MAX; i++) {
        nvb_strv_addf(&verdict->reasons, "in the driver view '%s' %s", verdict->view_path,
                      faults.items[i]);
    }
}
