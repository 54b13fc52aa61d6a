/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cdi/registry.h"

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
        for (size_t i = 0; i < names.n; i++) {
            if (nvb_has_suffix(names.items[i], ".json") || nvb_has_suffix(names.items[i], ".yaml"))
                nvb_strv_addf(out_paths, "%s/%s", *dir, names.items[i]);
        }
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

bool cdi_files_write(const char *path, const char *text, const char *recipe, struct nvb_err *err)
{
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", path);

    return make_directory_of(path, err) &&
           nvb_write_file(AT_FDCWD, path, text, strlen(text), 0644, err) &&
           nvb_write_file(AT_FDCWD, beside, recipe, strlen(recipe), 0644, err);
}
