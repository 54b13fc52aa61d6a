/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* All of the driver that is no library: programs, manifests, firmware, modules of the X server,
 * data, DLLs for Wine, CUDA's compatibility libraries. Sockets are in driver_sockets.c. */
#include <fcntl.h>
#include <string.h>

#include "host/driver_finder.h"
#include "host/elf_file.h"

#define FIRMWARE_PATH "/sys/module/firmware_class/parameters/path"
#define COMPAT        "/usr/local/cuda/compat"

/* Where a file goes and what it is; `real` is taken over. */
static struct nvb_driver_file *take_file(struct nvb_driver_finder *finder,
                                         enum nvb_driver_file_kind kind,
                                         unsigned capabilities,
                                         struct nvb_real_file *real,
                                         const char *container_path)
{
    const char *slash = strrchr(container_path, '/');
    struct nvb_driver_file *file = nvb_driver_finder_add(finder);

    file->kind = kind;
    file->capabilities = capabilities;
    file->host_path = nvb_steal(&real->path);
    file->name = nvb_xstrdup(slash + 1);
    file->container_path = nvb_xstrdup(container_path);
    return file;
}

/* A regular file, with a program's bit where it is one; what else is there gets a note. */
static bool open_regular(struct nvb_driver_finder *finder,
                         const char *path,
                         bool is_program,
                         struct nvb_real_file *out)
{
    nvb_auto_err err = { 0 };

    if (!nvb_real_file_open_if_there(finder->host, finder->root_prefix, path, out, &err)) {
        nvb_driver_finder_note(finder, "%s", err.lines[0]);
        return false;
    }
    if (out->fd < 0)
        return false;
    if (!S_ISREG(out->st.st_mode)) {
        nvb_driver_finder_note(finder, "'%s' is no regular file", path);
    } else if (is_program && !(out->st.st_mode & 0111)) {
        nvb_driver_finder_note(finder, "'%s' is not executable", path);
    } else {
        return true;
    }
    nvb_real_file_clear(out);
    return false;
}

static char *dup_filled(const char *pattern, const char *value)
{
    const char *at = strstr(pattern, "%s");

    if (!at)
        return nvb_xstrdup(pattern);
    return nvb_xasprintf("%.*s%s%s", (int)(at - pattern), pattern, value, at + 2);
}

/* X.Org looks for modules where the host's does if that is a module path, else at the usual one. */
static char *
dup_container_path(const struct nvb_driver_data_row *row, const char *dir, const char *name)
{
    bool is_mirrored = row->kind == NVB_DRIVER_XORG && strstr(dir, "/xorg/modules/");

    return nvb_xasprintf("%s/%s", is_mirrored ? dir : row->container_dir, name);
}

static bool add_from(struct nvb_driver_finder *finder,
                     const struct nvb_driver_data_row *row,
                     const char *dir,
                     const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, name);
    nvb_autofree char *container = NULL;
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    struct nvb_driver_file *file = NULL;

    if (!open_regular(finder, path, row->kind == NVB_DRIVER_BINARY, &real))
        return false;
    container = dup_container_path(row, dir, name);
    file = take_file(finder, row->kind, row->capabilities, &real, container);
    if (nvb_has_prefix(name, "libglxserver_nvidia.so.")) {
        file->links = nvb_xcalloc(2, sizeof(*file->links));
        file->links[file->n_links++] = nvb_xstrdup("libglxserver_nvidia.so");
    }
    return true;
}

static void add_row(struct nvb_driver_finder *finder, const struct nvb_driver_data_row *row)
{
    nvb_autofree char *name = dup_filled(row->name, finder->files.version);

    for (const char *const *dir = row->dirs; *dir; dir++) {
        if (add_from(finder, row, *dir, name))
            return;
    }
}

static bool is_manifest(const char *name)
{
    return nvb_driver_is_plain(name) && strstr(name, "nvidia") && nvb_has_suffix(name, ".json");
}

/* "nvidia_icd.i686.json": a manifest for one word size only. */
static unsigned bits_of_manifest(const char *name)
{
    if (strstr(name, ".i686.") || strstr(name, ".i386.") || strstr(name, ".armv7"))
        return 32;
    return strstr(name, ".x86_64.") || strstr(name, ".aarch64.") ? 64 : 0;
}

static bool has_container_path(const struct nvb_driver_files *files, const char *path)
{
    for (size_t i = 0; i < files->n; i++) {
        if (files->items[i].container_path && strcmp(files->items[i].container_path, path) == 0)
            return true;
    }
    return false;
}

static void add_manifest(struct nvb_driver_finder *finder,
                         const struct nvb_driver_manifest_row *row,
                         const struct nvb_driver_dir *dir,
                         const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir->path, name);
    nvb_autofree char *container = nvb_xasprintf("%s/%s", row->container_dir, name);
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    unsigned bits = bits_of_manifest(name);
    unsigned compat = bits == 32 ? NVB_CAP_COMPAT32 : 0;

    if (has_container_path(&finder->files, container) || !open_regular(finder, path, false, &real))
        return;
    take_file(finder, row->kind, NVB_CAP_GRAPHICS | compat, &real, container)->bits = bits;
}

/* The first base that has a manifest of some name wins, as it does for the loaders. */
static bool add_manifests(struct nvb_driver_finder *finder,
                          const struct nvb_driver_manifest_row *row,
                          struct nvb_err *err)
{
    for (const char *const *base = nvb_driver_bases; *base; base++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", *base, row->dir);
        nvb_auto_driver_dir dir = { 0 };

        if (!nvb_driver_finder_read_dir(finder, path, is_manifest, &dir, err))
            return false;
        for (size_t i = 0; i < dir.n_names; i++)
            add_manifest(finder, row, &dir, dir.names[i].name);
    }
    return true;
}

static bool is_firmware(const char *name)
{
    return nvb_driver_is_plain(name) && nvb_has_prefix(name, "gsp") && strstr(name, ".bin");
}

/* Its path in the container is the host's. */
static bool add_firmware_of(struct nvb_driver_finder *finder, const char *base, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/nvidia/%s", base, finder->files.version);
    nvb_auto_driver_dir dir = { 0 };

    if (!nvb_driver_finder_read_dir(finder, path, is_firmware, &dir, err))
        return false;
    for (size_t i = 0; i < dir.n_names; i++) {
        nvb_autofree char *file = nvb_xasprintf("%s/%s", path, dir.names[i].name);
        nvb_auto_real_file real = NVB_REAL_FILE_INIT;

        if (has_container_path(&finder->files, file) || !open_regular(finder, file, false, &real))
            continue;
        (void)take_file(finder, NVB_DRIVER_FIRMWARE, NVB_CAP_ALL & ~(unsigned)NVB_CAP_COMPAT32,
                        &real, file);
    }
    return true;
}

static bool has_kind(const struct nvb_driver_files *files, enum nvb_driver_file_kind kind)
{
    for (size_t i = 0; i < files->n; i++) {
        if (files->items[i].kind == kind)
            return true;
    }
    return false;
}

static bool add_firmware(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    nvb_autofree char *first = nvb_host_dup_line(finder->host, FIRMWARE_PATH);
    nvb_autofree char *release = nvb_host_dup_line(finder->host, "/proc/sys/kernel/osrelease");

    if (first && *first == '/' && nvb_driver_is_plain(first) &&
        !add_firmware_of(finder, first, err))
        return false;
    for (const char *const *dir = nvb_driver_firmware_dirs; *dir; dir++) {
        nvb_autofree char *base = dup_filled(*dir, release ? release : "unknown");

        if (has_kind(&finder->files, NVB_DRIVER_FIRMWARE))
            return true;
        if (!add_firmware_of(finder, base, err))
            return false;
    }
    return true;
}

static bool is_dll(const char *name)
{
    return nvb_driver_is_plain(name) && strstr(name, "nvngx") && nvb_has_suffix(name, ".dll");
}

/* Proton takes them from nvidia/wine beside the real libGLX_nvidia.so. */
static bool add_wine_of(struct nvb_driver_finder *finder, const char *base, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/nvidia/wine", base);
    nvb_auto_driver_dir dir = { 0 };

    if (!nvb_driver_finder_read_dir(finder, path, is_dll, &dir, err))
        return false;
    for (size_t i = 0; i < dir.n_names; i++) {
        nvb_autofree char *file = nvb_xasprintf("%s/%s", path, dir.names[i].name);
        nvb_auto_real_file real = NVB_REAL_FILE_INIT;
        struct nvb_driver_file *item = NULL;

        if (!open_regular(finder, file, false, &real))
            continue;
        item = take_file(finder, NVB_DRIVER_WINE, NVB_CAP_GRAPHICS | NVB_CAP_NGX, &real, file);
        free(nvb_steal(&item->container_path));
        item->subdir = "nvidia/wine";
        item->bits = 64;
    }
    return true;
}

/* Directories of 64-bit libraries only: the DLLs are 64-bit. */
static bool add_wine(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    for (size_t i = 0; i < finder->files.n; i++) {
        const struct nvb_driver_file *file = &finder->files.items[i];
        nvb_autofree char *base = NULL;

        if (file->kind != NVB_DRIVER_LIBRARY || file->bits != 64 ||
            !nvb_has_prefix(file->name, "libGLX_nvidia.so."))
            continue;
        base = nvb_xstrndup(file->host_path,
                            (size_t)(strrchr(file->host_path, '/') - file->host_path));
        return add_wine_of(finder, base, err);
    }
    return true;
}

static bool is_compat(const char *name)
{
    return nvb_driver_is_library_name(name) && strstr(name, ".so.");
}

/* Libraries of a newer driver that CUDA brings for an older kernel module. */
static void add_compat(struct nvb_driver_finder *finder, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf(COMPAT "/%s", name);
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoclose int fd = -1;
    struct nvb_driver_file *file = NULL;

    if (!open_regular(finder, path, false, &real))
        return;
    fd = nvb_real_file_reopen(&real);
    if (fd < 0 || !nvb_elf_read(fd, path, false, &elf, &err)) {
        nvb_driver_finder_note(finder, "'%s' is no library that can be read", path);
        return;
    }
    file = take_file(finder, NVB_DRIVER_CUDA_COMPAT, NVB_CAP_COMPUTE, &real, path);
    file->bits = elf.bits;
    file->machine = elf.machine;
    if (elf.soname && nvb_driver_is_plain(elf.soname) && !strchr(elf.soname, '/'))
        file->soname = nvb_steal(&elf.soname);
}

static bool add_compats(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    nvb_auto_driver_dir dir = { 0 };

    if (!nvb_driver_finder_read_dir(finder, COMPAT, is_compat, &dir, err))
        return false;
    for (size_t i = 0; i < dir.n_names; i++) {
        if (dir.names[i].is_file) /* the links there are sonames */
            add_compat(finder, dir.names[i].name);
    }
    return true;
}

bool nvb_driver_finder_add_data(struct nvb_driver_finder *finder, struct nvb_err *err)
{
    for (const struct nvb_driver_data_row *row = nvb_driver_data; row->name; row++)
        add_row(finder, row);
    for (const struct nvb_driver_manifest_row *row = nvb_driver_manifests; row->dir; row++) {
        if (!add_manifests(finder, row, err))
            return false;
    }
    nvb_driver_finder_add_sockets(finder);
    return add_firmware(finder, err) && add_wine(finder, err) && add_compats(finder, err);
}
