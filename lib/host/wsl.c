/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/wsl.h"

#include <string.h>

#include "host/driver_finder.h"
#include "host/elf_file.h"
#include "host/ldcache.h"

#define LIB_DIR    "/usr/lib/wsl/lib"
#define STORES_DIR "/usr/lib/wsl/drivers"

static const char marker[] = "libcuda.so.1.1"; /* what makes a store NVIDIA's */

enum {
    EVERYTHING = NVB_CAP_ALL & ~(unsigned)NVB_CAP_COMPAT32,
};

static bool is_kernel_of_microsoft(const char *release)
{
    return release && (strcasestr(release, "microsoft") || strcasestr(release, "WSL2"));
}

/* Where WSL puts it, or where the loader finds it (NixOS, a distribution's own package). */
static char *dup_dxcore(struct nvb_driver_finder *finder)
{
    nvb_auto_ldcache cache = { 0 };
    nvb_auto_err ignored = { 0 };

    if (nvb_host_exists(finder->host, LIB_DIR "/libdxcore.so"))
        return nvb_xstrdup(LIB_DIR "/libdxcore.so");
    if (!nvb_ldcache_read(finder->host, &cache, &ignored))
        return NULL;
    for (size_t i = 0; i < cache.n; i++) {
        if (strcmp(cache.items[i].soname, "libdxcore.so") == 0 &&
            nvb_host_exists(finder->host, cache.items[i].path))
            return nvb_xstrdup(cache.items[i].path);
    }
    return NULL;
}

static bool is_store_file(const char *name)
{
    return nvb_driver_is_plain(name) &&
           (strstr(name, ".so") || nvb_has_suffix(name, ".bin") || nvb_has_suffix(name, ".dll") ||
            strcmp(name, "nvidia-smi") == 0);
}

static unsigned capabilities_of(const char *name)
{
    static const struct {
        const char *prefix;
        unsigned capabilities;
    } rows[] = {
        {"libcuda",                   NVB_CAP_COMPUTE },
        { "libnvidia-ptxjitcompiler", NVB_CAP_COMPUTE },
        { "libnvidia-nvvm",           NVB_CAP_COMPUTE },
        { "nvcubins.bin",             NVB_CAP_COMPUTE },
        { "libnvidia-ml",             NVB_CAP_UTILITY },
        { "nvidia-smi",               NVB_CAP_UTILITY },
        { "libnvidia-encode",         NVB_CAP_VIDEO   },
        { "libnvidia-opticalflow",    NVB_CAP_VIDEO   },
        { "libnvcuvid",               NVB_CAP_VIDEO   },
        { "libnvidia-ngx",            NVB_CAP_NGX     },
        { "libd3d12",                 NVB_CAP_GRAPHICS},
        { "libnvwgf2umx",             NVB_CAP_GRAPHICS},
        { "libnvoptix",               NVB_CAP_GRAPHICS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (nvb_has_prefix(name, rows[i].prefix))
            return rows[i].capabilities;
    }
    return EVERYTHING; /* libdxcore, libnvdxgdmal and what the rest is loaded with */
}

/* A library says so itself; what only looks like one is data, and noted. */
static void read_library(struct nvb_driver_finder *finder,
                         const struct nvb_real_file *real,
                         struct nvb_driver_file *file)
{
    nvb_autoclose int fd = nvb_real_file_reopen(real);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0 || !nvb_elf_read(fd, file->container_path, false, &elf, &err)) {
        nvb_driver_finder_note(finder, "'%s' is no library that can be read", file->container_path);
        return;
    }
    file->kind = NVB_DRIVER_LIBRARY;
    file->bits = elf.bits;
    file->machine = elf.machine;
    if (elf.soname && nvb_driver_is_plain(elf.soname) && !strchr(elf.soname, '/'))
        file->soname = nvb_steal(&elf.soname);
}

static void add_file(struct nvb_driver_finder *finder, const char *dir, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, name);
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    nvb_auto_err err = { 0 };
    struct nvb_driver_file *file = NULL;

    if (!nvb_real_file_open(finder->host, finder->root_prefix, path, 0, &real, &err)) {
        if (err.kind != NVB_E_NOT_FOUND)
            nvb_driver_finder_note(finder, "%s", err.lines[0]);
        return;
    }
    if (!S_ISREG(real.st.st_mode)) {
        nvb_driver_finder_note(finder, "'%s' is no regular file", path);
        return;
    }
    file = nvb_driver_finder_add(finder);
    file->kind = strcmp(name, "nvidia-smi") == 0 ? NVB_DRIVER_BINARY : NVB_DRIVER_DATA;
    file->capabilities = capabilities_of(name);
    file->name = nvb_xstrdup(name);
    file->host_path = nvb_xstrdup(real.path);
    file->container_path = nvb_steal(&path); /* the loaders know the store by this path */
    if (strstr(name, ".so"))
        read_library(finder, &real, file);
}

/* Programs look for nvidia-smi in PATH, not in the store. */
static void add_smi_link(struct nvb_driver_finder *finder, const char *store)
{
    nvb_autofree char *path = nvb_xasprintf("%s/nvidia-smi", store);
    struct nvb_driver_file *file = NULL;

    if (!nvb_host_exists(finder->host, path))
        return;
    file = nvb_driver_finder_add(finder);
    file->kind = NVB_DRIVER_BINARY;
    file->capabilities = NVB_CAP_UTILITY;
    file->name = nvb_xstrdup("nvidia-smi");
    file->host_path = nvb_xstrdup(path);
    file->container_path = nvb_xstrdup("/usr/bin/nvidia-smi");
    file->link_target = nvb_steal(&path);
}

static bool add_store(struct nvb_driver_finder *finder, const char *store, struct nvb_err *err)
{
    nvb_auto_driver_dir dir = { 0 };

    if (!nvb_driver_finder_read_dir(finder, store, is_store_file, &dir, err))
        return false;
    for (size_t i = 0; i < dir.n_names; i++)
        add_file(finder, store, dir.names[i].name);
    add_smi_link(finder, store);
    return true;
}

/* What says which of several stores Windows uses now: its copy of the library in LIB_DIR. */
static bool is_current(const struct nvb_driver_finder *finder, const char *store)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", store, marker);
    nvb_autofree char *shown = nvb_xasprintf("%s/%s", LIB_DIR, marker);
    nvb_auto_real_file in_store = NVB_REAL_FILE_INIT;
    nvb_auto_real_file in_lib = NVB_REAL_FILE_INIT;
    nvb_auto_err ignored = { 0 };

    return nvb_real_file_open(finder->host, finder->root_prefix, path, 0, &in_store, &ignored) &&
           nvb_real_file_open(finder->host, finder->root_prefix, shown, 0, &in_lib, &ignored) &&
           in_store.st.st_size == in_lib.st.st_size &&
           in_store.st.st_mtim.tv_sec == in_lib.st.st_mtim.tv_sec;
}

static time_t time_of(const struct nvb_driver_finder *finder, const char *store)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", store, marker);
    nvb_auto_real_file real = NVB_REAL_FILE_INIT;
    nvb_auto_err ignored = { 0 };

    if (!nvb_real_file_open(finder->host, finder->root_prefix, path, 0, &real, &ignored))
        return 0;
    return real.st.st_mtim.tv_sec;
}

static bool is_better(const struct nvb_driver_finder *finder, const char *a, const char *b)
{
    if (is_current(finder, a) != is_current(finder, b))
        return is_current(finder, a);
    return time_of(finder, a) > time_of(finder, b);
}

/* Windows keeps the stores of old drivers; the one in use goes first. */
static void put_best_first(struct nvb_driver_finder *finder, struct nvb_strv *stores)
{
    for (size_t i = 1; i < stores->n; i++) {
        if (is_better(finder, stores->items[i], stores->items[0])) {
            char *swap = stores->items[0];

            stores->items[0] = stores->items[i];
            stores->items[i] = swap;
        }
    }
    if (stores->n > 1) {
        nvb_driver_finder_note(finder, "%zu driver stores of NVIDIA: '%s' is taken", stores->n,
                               stores->items[0]);
    }
}

/* The directory is Windows' whole driver repository, hundreds of names on a slow file system; by
 * their .inf file those of GPUs are told apart. */
static bool is_store_name(const char *name)
{
    static const char *const prefixes[] = { "nv", "iigd_", "cui_", "u0", "c0" };

    if (!nvb_driver_is_plain(name) || !strstr(name, ".inf_"))
        return false;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (nvb_has_prefix(name, prefixes[i]))
            return true;
    }
    return false;
}

static void sort_store(struct nvb_driver_finder *finder, const char *name, struct nvb_wsl *wsl)
{
    nvb_autofree char *store = nvb_xasprintf("%s/%s", STORES_DIR, name);
    nvb_autofree char *library = nvb_xasprintf("%s/%s", store, marker);

    if (nvb_host_exists(finder->host, library)) {
        nvb_strv_add(&wsl->stores, store);
    } else if (!nvb_has_prefix(name, "nv")) { /* NVIDIA's audio and USB are no GPU drivers */
        nvb_strv_add(&wsl->foreign, store);
    }
}

static bool find_stores(struct nvb_driver_finder *finder, struct nvb_wsl *wsl, struct nvb_err *err)
{
    nvb_auto_driver_dir dir = { 0 };

    if (!nvb_driver_finder_read_dir(finder, STORES_DIR, is_store_name, &dir, err))
        return false;
    for (size_t i = 0; i < dir.n_names; i++) {
        if (!dir.names[i].is_file)
            sort_store(finder, dir.names[i].name, wsl);
    }
    put_best_first(finder, &wsl->stores);
    return true;
}

static int by_path(const void *a, const void *b)
{
    const struct nvb_driver_file *x = a;
    const struct nvb_driver_file *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->container_path, y->container_path);
}

static bool add_files(struct nvb_driver_finder *finder, struct nvb_wsl *wsl, struct nvb_err *err)
{
    const char *store = wsl->stores.n ? wsl->stores.items[0] : NULL;
    const char *slash = wsl->dxcore ? strrchr(wsl->dxcore, '/') : NULL;

    if (slash) {
        nvb_autofree char *dir = nvb_xstrndup(wsl->dxcore, (size_t)(slash - wsl->dxcore));

        add_file(finder, dir, slash + 1);
        add_file(finder, dir, "libd3d12.so"); /* what Mesa draws with */
        add_file(finder, dir, "libd3d12core.so");
    }
    if (store) {
        finder->files.version = nvb_xstrdup(strrchr(store, '/') + 1);
        if (!add_store(finder, store, err))
            return false;
    }
    if (finder->files.n > 1)
        qsort(finder->files.items, finder->files.n, sizeof(*finder->files.items), by_path);
    return true;
}

bool nvb_wsl_find(const struct nvb_host *host, struct nvb_wsl *out, struct nvb_err *err)
{
    nvb_auto_driver_finder finder = { .host = host };
    nvb_auto_wsl wsl = { 0 };

    wsl.kernel_release = nvb_host_dup_line(host, "/proc/sys/kernel/osrelease");
    wsl.has_dxg = nvb_host_is_node(host, "/dev/dxg");
    wsl.is_wsl = wsl.has_dxg || is_kernel_of_microsoft(wsl.kernel_release);
    if (wsl.is_wsl) {
        if (!nvb_real_root(host, &finder.root_prefix, err))
            return false;
        wsl.dxcore = dup_dxcore(&finder);
        if (!find_stores(&finder, &wsl, err) || !add_files(&finder, &wsl, err))
            return false;
    }
    wsl.files = finder.files;
    finder.files = (struct nvb_driver_files){ 0 };
    *out = wsl;
    wsl = (struct nvb_wsl){ 0 };
    return true;
}

void nvb_wsl_clear(struct nvb_wsl *wsl)
{
    free(wsl->kernel_release);
    free(wsl->dxcore);
    nvb_strv_clear(&wsl->stores);
    nvb_strv_clear(&wsl->foreign);
    nvb_driver_files_clear(&wsl->files);
    *wsl = (struct nvb_wsl){ 0 };
}

const char *nvb_wsl_verdict(const struct nvb_wsl *wsl)
{
    if (!wsl->is_wsl)
        return "this is not WSL: its kernel is not Microsoft's and /dev/dxg is absent";
    if (!wsl->has_dxg)
        return "/dev/dxg is absent: this is WSL 1, or Windows has no driver for WSL's GPU support";
    if (!wsl->dxcore)
        return "libdxcore.so is absent: /usr/lib/wsl/lib is not mounted into this distribution";
    if (wsl->stores.n == 0)
        return "no driver store holds libcuda.so.1.1: install NVIDIA's driver on Windows";
    return "a container can have the GPU";
}

struct nvb_json *nvb_wsl_to_json(const struct nvb_wsl *wsl)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_bool(json, "is_wsl", wsl->is_wsl);
    nvb_json_set_str(json, "kernel", wsl->kernel_release);
    nvb_json_set_bool(json, "dxg", wsl->has_dxg);
    nvb_json_set_str(json, "dxcore", wsl->dxcore);
    nvb_json_set(json, "stores", nvb_json_new_strv(&wsl->stores));
    nvb_json_set(json, "foreign_stores", nvb_json_new_strv(&wsl->foreign));
    nvb_json_set_str(json, "verdict", nvb_wsl_verdict(wsl));
    nvb_json_set(json, "driver", nvb_driver_files_to_json(&wsl->files));
    return json;
}
