/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/driver_finder.h"
#include "host/ldcache.h"

enum {
    NAMES_MAX = 4096, /* of the driver in one directory; a driver has a hundred */
    DIRS_MAX = 64,
};

/* The libraries by whose links and cache entries a driver in an unknown place is found. */
static const char *const guides[] = {
    "libcuda.so.1", "libnvidia-ml.so.1", "libGLX_nvidia.so.0", "libEGL_nvidia.so.0", NULL,
};

static bool is_guide(const char *name)
{
    for (const char *const *guide = guides; *guide; guide++) {
        if (strcmp(name, *guide) == 0)
            return true;
    }
    return false;
}

void nvb_driver_dir_clear(struct nvb_driver_dir *dir)
{
    for (size_t i = 0; i < dir->n_names; i++)
        free(dir->names[i].name);
    free(dir->names);
    free(dir->path);
    *dir = (struct nvb_driver_dir){ 0 };
}

static int by_name(const void *a, const void *b)
{
    const struct nvb_driver_name *x = a;
    const struct nvb_driver_name *y = b;

    return strcmp(x->name, y->name);
}

bool nvb_driver_dir_has(const struct nvb_driver_dir *dir, const char *name)
{
    for (size_t i = 0; i < dir->n_names; i++) {
        if (strcmp(dir->names[i].name, name) == 0)
            return true;
    }
    return false;
}

/* While a directory is listed. */
struct listing {
    struct nvb_driver_dir *dir;
    bool (*is_wanted)(const char *name);
    bool is_full;
};

static bool add_name(void *data, const struct dirent64 *e)
{
    struct listing *l = data;
    struct nvb_driver_dir *dir = l->dir;

    if (e->d_name[0] == '.' || !l->is_wanted(e->d_name))
        return true;
    l->is_full = dir->n_names == NAMES_MAX;
    if (l->is_full)
        return false;
    dir->names = nvb_xrealloc(dir->names, dir->n_names + 1, sizeof(*dir->names));
    dir->names[dir->n_names++] = (struct nvb_driver_name){
        .name = nvb_xstrdup(e->d_name),
        .is_file = e->d_type == DT_REG,
    };
    return true;
}

/* The real directory, or fd -1 when there is none to look into; a note says why if it matters. */
static void find_dir(struct nvb_driver_finder *finder, const char *path, struct nvb_real_file *out)
{
    nvb_auto_err err = { 0 };

    if (!nvb_real_file_open_if_there(finder->host, finder->root_prefix, path, out, &err)) {
        if (err.sys_errno != ENOTDIR)
            nvb_driver_finder_note(finder, "%s", err.lines[0]);
    } else if (out->fd >= 0 && !S_ISDIR(out->st.st_mode)) {
        nvb_real_file_clear(out);
    }
}

/* O_PATH first: only what is a directory for sure is opened. */
static bool list_real(struct nvb_driver_finder *finder,
                      const struct nvb_real_file *real,
                      bool (*is_wanted)(const char *),
                      struct nvb_driver_dir *out,
                      struct nvb_err *err)
{
    nvb_autoclose int fd = openat(real->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct listing listing = { .dir = out, .is_wanted = is_wanted };

    out->path = nvb_xstrdup(real->path);
    out->device = real->st.st_dev;
    out->inode = real->st.st_ino;
    if (fd < 0 || !nvb_each_name(fd, add_name, &listing))
        nvb_driver_finder_note(finder, "cannot list '%s': %s", real->path, strerror(errno));
    if (listing.is_full) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                        "'%s' holds more than %d files of a driver", out->path, NAMES_MAX);
    }
    if (out->n_names > 1)
        qsort(out->names, out->n_names, sizeof(*out->names), by_name);
    return true;
}

bool nvb_driver_finder_read_dir(struct nvb_driver_finder *finder,
                                const char *path,
                                bool (*is_wanted)(const char *name),
                                struct nvb_driver_dir *out,
                                struct nvb_err *err)
{
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;

    find_dir(finder, path, &real);
    if (real.fd < 0)
        return true;
    return list_real(finder, &real, is_wanted ? is_wanted : nvb_driver_is_plain, out, err);
}

static bool is_known(const struct nvb_driver_finder *finder, const struct stat *st)
{
    for (size_t i = 0; i < finder->n_dirs; i++) {
        if (finder->dirs[i].device == st->st_dev && finder->dirs[i].inode == st->st_ino)
            return true;
    }
    return false;
}

static bool is_known_path(const struct nvb_driver_finder *finder, const char *path)
{
    for (size_t i = 0; i < finder->n_dirs; i++) {
        if (strcmp(finder->dirs[i].path, path) == 0)
            return true;
    }
    return false;
}

static bool add_dir(struct nvb_driver_finder *finder, const char *path, struct nvb_err *err)
{
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    nvb_auto_driver_dir dir = { 0 };

    /* Most guides lead to a directory that was listed, as its real path tells. Beyond DIRS_MAX links
     * lead into ever new directories: no driver is like that. */
    if (finder->n_dirs == DIRS_MAX || is_known_path(finder, path))
        return true;
    find_dir(finder, path, &real);
    if (real.fd < 0 || is_known(finder, &real.st))
        return true;
    if (!list_real(finder, &real, nvb_driver_is_library_name, &dir, err))
        return false;
    finder->dirs = nvb_xrealloc(finder->dirs, finder->n_dirs + 1, sizeof(*finder->dirs));
    finder->dirs[finder->n_dirs++] = dir;
    dir = (struct nvb_driver_dir){ 0 };
    return true;
}

/* The directory of a file. */
static bool add_dir_of(struct nvb_driver_finder *finder, const char *path, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *dir = slash ? nvb_xstrndup(path, (size_t)(slash - path)) : NULL;

    return !dir || add_dir(finder, *dir ? dir : "/", err);
}

/* A file is where it is; only a link leads elsewhere. */
static bool has_link(const struct nvb_driver_dir *dir, const char *name)
{
    for (size_t i = 0; i < dir->n_names; i++) {
        if (strcmp(dir->names[i].name, name) == 0)
            return !dir->names[i].is_file;
    }
    return false;
}

/* NixOS and Debian: a link in a known directory leads to where the driver is. */
static bool follow_guides(struct nvb_driver_finder *finder, size_t i, struct nvb_err *err)
{
    for (const char *const *guide = guides; *guide; guide++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", finder->dirs[i].path, *guide);
        nvb_auto_real_file real = NVB_REAL_FILE_INIT;
        nvb_auto_err err_here = { 0 };

        if (!has_link(&finder->dirs[i], *guide))
            continue;
        if (!nvb_real_file_open(finder->host, finder->root_prefix, path, 0, &real, &err_here)) {
            nvb_driver_finder_note(finder, "%s", err_here.lines[0]);
        } else if (!add_dir_of(finder, real.path, err)) {
            return false;
        }
    }
    return true;
}

static bool follow_cache(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    nvb_auto_ldcache cache = { 0 };
    nvb_auto_err err_here = { 0 };

    if (!nvb_ldcache_read(finder->host, &cache, &err_here)) {
        if (err_here.kind != NVB_E_NOT_FOUND)
            nvb_driver_finder_note(finder, "%s", err_here.lines[0]);
        return true;
    }
    for (size_t i = 0; i < cache.n; i++) {
        if (is_guide(cache.items[i].soname) && !add_dir_of(finder, cache.items[i].path, err))
            return false;
    }
    return true;
}

/* libvdpau's backends lie below the library directory, wherever that is. */
static bool add_vdpau(struct nvb_driver_finder *finder, size_t i, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/vdpau", finder->dirs[i].path);

    return finder->dirs[i].n_names == 0 || add_dir(finder, path, err);
}

bool nvb_driver_finder_list(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    for (const char *const *dir = nvb_driver_library_dirs; *dir; dir++) {
        if (!add_dir(finder, *dir, err))
            return false;
    }
    if (!follow_cache(finder, err))
        return false;
    for (size_t i = 0; i < finder->n_dirs; i++) { /* grows on the way */
        if (!follow_guides(finder, i, err) || !add_vdpau(finder, i, err))
            return false;
    }
    return true;
}
