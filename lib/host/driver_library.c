/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/driver_finder.h"
#include "host/elf_file.h"
#include "host/ldcache.h"

enum {
    FILES_MAX = 1024,
};

/* One name in one directory, and the open file behind it. */
struct library {
    const struct nvb_driver_dir *dir;
    const struct nvb_driver_library_row *row;
    const char *name; /* borrowed */
    char *path;       /* owned; the real one */
    int fd;           /* owned */
};

static bool is_taken(const struct nvb_driver_files *files, const char *host_path)
{
    for (size_t i = 0; i < files->n; i++) {
        if (strcmp(files->items[i].host_path, host_path) == 0)
            return true;
    }
    return false;
}

/* A plain file in a real directory is itself; anything else is resolved in the root. */
static bool open_library(struct nvb_driver_finder *finder,
                         bool is_file,
                         struct library *lib,
                         struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", lib->dir->path, lib->name);
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;

    if (is_file) {
        lib->fd = nvb_open_in_root(finder->host->root_fd, path,
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        lib->path = nvb_steal(&path);
    } else {
        if (!nvb_real_file_open(finder->host, finder->root_prefix, path, 0, &real, err))
            return false;
        if (!S_ISREG(real.st.st_mode))
            return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "'%s' is no regular file", path);
        lib->fd = nvb_real_file_reopen(&real);
        lib->path = nvb_steal(&real.path);
    }
    return lib->fd >= 0 || nvb_fail_errno(err, NVB_D_HOST, "cannot read '%s'", lib->path);
}

static void add_link(struct nvb_driver_file *file, const char *name)
{
    if (!name || strcmp(name, file->name) == 0)
        return;
    for (size_t i = 0; i < file->n_links; i++) {
        if (strcmp(file->links[i], name) == 0)
            return;
    }
    file->links = nvb_xrealloc(file->links, file->n_links + 2, sizeof(*file->links));
    file->links[file->n_links++] = nvb_xstrdup(name);
    file->links[file->n_links] = NULL;
}

/* The soname; what containers always get; and "libx.so" where the host has one beside it. */
static void add_links(const struct library *lib, struct nvb_driver_file *file)
{
    const char *so = strstr(lib->name, ".so.");
    nvb_autofree char *development = nvb_xstrndup(lib->name, so ? (size_t)(so - lib->name) + 3 : 0);

    add_link(file, file->soname);
    if (nvb_driver_dir_has(lib->dir, development))
        add_link(file, development);
    add_link(file, lib->row->link);
}

/* GBM loads backends from gbm/ below the library directory by the name of the DRM driver. */
static void add_gbm(struct nvb_driver_finder *finder, size_t allocator)
{
    struct nvb_driver_file *gbm = nvb_driver_finder_add(finder);
    const struct nvb_driver_file *from = &finder->files.items[allocator];

    *gbm = (struct nvb_driver_file){
        .kind = NVB_DRIVER_GBM,
        .capabilities = NVB_CAP_GRAPHICS | (from->capabilities & NVB_CAP_COMPAT32),
        .bits = from->bits,
        .machine = from->machine,
        .host_path = nvb_xstrdup(from->host_path),
        .name = nvb_xstrdup("nvidia-drm_gbm.so"),
        .subdir = "gbm",
        .link_target = nvb_xasprintf("../%s", from->soname ? from->soname : from->name),
    };
}

static void take_library(struct nvb_driver_finder *finder, struct library *lib, struct nvb_elf *elf)
{
    struct nvb_driver_file *file = nvb_driver_finder_add(finder);

    file->kind = lib->row->kind;
    file->capabilities = lib->row->capabilities | (elf->bits == 32 ? NVB_CAP_COMPAT32 : 0);
    file->bits = elf->bits;
    file->machine = elf->machine;
    file->host_path = nvb_steal(&lib->path);
    file->name = nvb_xstrdup(lib->name);
    file->soname = nvb_steal(&elf->soname);
    file->subdir = lib->row->subdir;
    add_links(lib, file);
    if (nvb_has_prefix(lib->name, "libnvidia-allocator.so."))
        add_gbm(finder, finder->files.n - 1);
}

static bool check_elf(const struct library *lib, const struct nvb_elf *elf, struct nvb_err *err)
{
    if (!elf->is_shared || nvb_ldcache_flags(elf->machine, elf->bits) == 0) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID,
                        "'%s' is no library of a machine that NVIDIA has drivers for", lib->path);
    }
    /* It becomes a file name in the container. */
    if (elf->soname &&
        (!nvb_driver_is_plain(elf->soname) || strchr(elf->soname, '/') || elf->soname[0] == '.')) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "'%s' has a soname that is no file name",
                        lib->path);
    }
    return true;
}

static bool look_at_library(struct nvb_driver_finder *finder,
                            bool is_file,
                            struct library *lib,
                            struct nvb_err *err)
{
    nvb_auto_elf elf = { 0 };

    if (!open_library(finder, is_file, lib, err))
        return false;
    assert(lib->path);
    if (is_taken(&finder->files, lib->path))
        return true;
    if (!nvb_elf_read(lib->fd, lib->path, false, &elf, err) || !check_elf(lib, &elf, err))
        return false;
    take_library(finder, lib, &elf);
    return true;
}

static bool add_library(struct nvb_driver_finder *finder,
                        const struct nvb_driver_dir *dir,
                        const struct nvb_driver_name *name,
                        struct nvb_err *err)
{
    struct library lib = { .dir = dir, .name = name->name, .fd = -1 };
    nvb_auto_err why = { 0 };

    lib.row = nvb_driver_library_row(name->name, finder->files.version);
    if (!lib.row)
        return true;
    if (finder->files.n >= FILES_MAX) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                        "the driver has more than %d files, which is none that exists", FILES_MAX);
    }
    if (!look_at_library(finder, name->is_file, &lib, &why))
        nvb_driver_finder_note(finder, "%s", why.lines[0]);
    if (lib.fd >= 0)
        (void)close(lib.fd);
    free(lib.path);
    return true;
}

bool nvb_driver_finder_add_libraries(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    for (size_t i = 0; i < finder->n_dirs; i++) {
        const struct nvb_driver_dir *dir = &finder->dirs[i];

        for (size_t k = 0; k < dir->n_names; k++) {
            if (!add_library(finder, dir, &dir->names[k], err))
                return false;
        }
    }
    return true;
}
