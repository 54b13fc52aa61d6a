/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_choice.h"

#include <assert.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "host/gpu.h"
#include "resolve/driver_decision.h"
#include "resolve/driver_layer.h"
#include "resolve/driver_place.h"
#include "resolve/driver_ready.h"
#include "resolve/driver_start.h"

enum {
    CACHE_MAX = 1 << 24,
    PLACES_MAX = 1 << 18,
    PARAMS_MAX = 1 << 16,
};

/* What one choice works with. */
struct choice {
    struct nvb_plan *plan;
    const struct nvb_host *host;
    enum nvb_view_wish wish;
    unsigned capabilities;
    const char *kernel_version; /* borrowed from the GPU */
    char *dir;                  /* the caller's own views */
    struct nvb_ldcache cache;   /* the image's; empty when it has none */
    struct nvb_driver_files files;
    struct nvb_driver_start start;
    struct nvb_driver_work *work;
};

static void clear(struct choice *c)
{
    free(c->dir);
    nvb_ldcache_clear(&c->cache);
    nvb_driver_files_clear(&c->files);
    nvb_driver_start_clear(&c->start);
    nvb_driver_work_free(c->work);
}

static const struct nvb_gpu *find_gpu(const struct nvb_plan *plan)
{
    for (size_t i = 0; i < plan->gpus.n; i++) {
        const struct nvb_gpu *gpu = &plan->gpus.items[i];

        if (gpu->vendor == NVB_GPU_NVIDIA && gpu->driver && strcmp(gpu->driver, "nvidia") == 0)
            return gpu;
    }
    return NULL;
}

static const char *get_image(const struct nvb_plan *plan)
{
    return plan->image ? plan->image->key : "host";
}

static const char *requested(const struct nvb_plan *plan, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < plan->request->n_env; i++) {
        const char *entry = plan->request->env[i];

        if (strncmp(entry, name, len) == 0 && entry[len] == '=')
            return entry + len + 1;
    }
    return NULL;
}

/* A profile without a display computes; everything else may draw, in 32 bits too. */
static bool choose_capabilities(struct choice *c, struct nvb_err *err)
{
    const char *words = requested(c->plan, "NVIDIA_DRIVER_CAPABILITIES");
    const struct nvb_profile *profile = c->plan->profile;

    if (words)
        return nvb_driver_capabilities_parse(words, &c->capabilities, err);
    c->capabilities = NVB_CAP_ALL;
    if (profile && profile->display == NVB_DISPLAY_WISH_NONE && c->plan->n_displays == 0)
        c->capabilities = NVB_CAP_COMPUTE | NVB_CAP_UTILITY;
    return true;
}

static bool choose_wish(struct choice *c, const struct nvb_strv *caller_env, struct nvb_err *err)
{
    const char *word = nvb_env_get(caller_env, "NVBIND_DRIVER_VIEW");

    c->wish = word && strcmp(word, "always") == 0 ? NVB_VIEW_ALWAYS : NVB_VIEW_AUTO;
    if (!word || c->wish == NVB_VIEW_ALWAYS || strcmp(word, "auto") == 0)
        return true;
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_INVALID, "NVBIND_DRIVER_VIEW is '%s'", word);
    return nvb_hint(err, "set it to always or auto, or unset it");
}

static uint32_t own_flags(unsigned bits)
{
#if defined(__aarch64__)
    return nvb_ldcache_flags(bits == 32 ? EM_ARM : EM_AARCH64, bits);
#else
    return nvb_ldcache_flags(bits == 32 ? EM_386 : EM_X86_64, bits);
#endif
}

/* By the flags: x32 has 32 bits, too. */
static const char *find_cached(const struct nvb_ldcache *cache, const char *soname, unsigned bits)
{
    uint32_t flags = own_flags(bits);

    for (size_t i = 0; i < cache->n; i++) {
        if (cache->items[i].flags == flags && strcmp(cache->items[i].soname, soname) == 0)
            return cache->items[i].path;
    }
    return NULL;
}

static char *dup_real_host_path(const struct nvb_host *host, const char *path)
{
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, path, O_PATH);
    nvb_autofree char *own = nvb_xasprintf("/proc/self/fd/%d", fd);
    char real[PATH_MAX];
    ssize_t len = fd < 0 ? -1 : readlink(own, real, sizeof(real) - 1);
    size_t root = strcmp(host->root, "/") == 0 ? 0 : strlen(host->root);

    if (len <= 0 || (size_t)len < root)
        return NULL;
    real[len] = '\0';
    return nvb_xstrdup(real + root);
}

/* Where a path of the image ends after all links, as seen from its root; NULL when nowhere. */
static char *dup_real_path(const struct choice *c, const char *path)
{
    return c->plan->image ? nvb_overlay_dup_real_path(c->plan->image->files, path)
                          : dup_real_host_path(c->host, path);
}

/* "550.163.01" of what the loader would take; NULL when the cache does not name it, "" when it
 * leads nowhere. */
static char *dup_cached_version(const struct choice *c, const char *soname)
{
    const char *path = find_cached(&c->cache, soname, sizeof(void *) * 8);
    nvb_autofree char *real = path ? dup_real_path(c, path) : NULL;
    const char *suffix = real ? strstr(real, ".so.") : NULL;

    if (!path)
        return NULL;
    return nvb_xstrdup(suffix ? suffix + 4 : "");
}

/* The directory of an image's own libraries is where its libc is. */
static char *dup_libdir(const struct choice *c, unsigned bits)
{
    const char *libc = find_cached(&c->cache, "libc.so.6", bits);
    nvb_autofree char *real = libc ? dup_real_path(c, libc) : NULL;
    const char *slash = real ? strrchr(real, '/') : NULL;

    return slash && slash > real ? nvb_xstrndup(real, (size_t)(slash - real)) : NULL;
}

static char *dup_ready_path(const struct choice *c)
{
    nvb_autofree char *name = NULL;

    if (!c->dir || !c->host->is_live)
        return NULL;
    name = nvb_driver_ready_dup_name(c->dir, c->kernel_version, c->capabilities, geteuid());
    if (name)
        return nvb_xasprintf("%s/%s", c->dir, name);
    name = nvb_driver_ready_dup_name(NVB_SYSTEM_VIEWS, c->kernel_version, c->capabilities, 0);
    return name ? nvb_xasprintf(NVB_SYSTEM_VIEWS "/%s", name) : NULL;
}

static void link_place(struct choice *c, const struct nvb_driver_place *place)
{
    const char *slash = strrchr(place->path, '/');
    nvb_autofree char *libdir = NULL;

    if (place->kind == NVB_DRIVER_FIRMWARE || place->kind == NVB_DRIVER_XORG)
        return; /* for the kernel and the X server, which are not in there */
    if (place->kind == NVB_DRIVER_VULKAN_ICD && !c->start.vulkan_icd)
        c->start.vulkan_icd = nvb_xasprintf(NVB_VIEW_PATH "/%s", place->path);
    if (*place->container_path) {
        nvb_strv_addf(&c->start.links, "%s " NVB_VIEW_PATH "/%s", place->container_path,
                      place->path);
    } else if (place->kind == NVB_DRIVER_GBM || place->kind == NVB_DRIVER_VDPAU) {
        libdir = dup_libdir(c, place->bits);
        if (libdir && slash) {
            nvb_strv_addf(&c->start.links, "%s/%s%s " NVB_VIEW_PATH "/%s", libdir, place->subdir,
                          slash, place->path);
        }
    }
}

static void link_places(struct choice *c, const char *places)
{
    nvb_autofree char *copy = nvb_xstrdup(places);
    struct nvb_driver_place place;
    char *rest = copy;

    while (nvb_driver_place_next(&rest, &place))
        link_place(c, &place);
    nvb_strv_add(&c->start.links,
                 "/etc/ld.so.conf.d/00-nvbind-driver.conf " NVB_VIEW_PATH "/ld.so.conf");
}

/* The image's ld.so.cache with the driver's in it, and the links: one layer over the image. */
static bool make_layer(struct choice *c, const char *own, size_t len, struct nvb_err *err)
{
    nvb_auto_buf merged = { 0 };

    if (!nvb_view_merge_ldcache(own, len, &c->cache, &merged, err))
        return nvb_while(err, "cannot add the driver to ld.so.cache");
    nvb_driver_layer_plan(c->kernel_version, &c->start.links, &merged, &c->work->layer);
    c->work->has_layer_build = true;
    c->start.layer = nvb_xasprintf("%s/%s", c->dir, c->work->layer.name);
    return true;
}

static bool use_planned(struct choice *c, struct nvb_err *err)
{
    struct nvb_view_plan *build = &c->work->build;
    const struct nvb_view_entry *places = NULL;
    const struct nvb_view_entry *cache = NULL;

    if (!nvb_view_plan_make(&c->files, c->host, c->capabilities, build, err))
        return false;
    c->work->has_build = true;
    places = nvb_view_plan_find(build, NVB_VIEW_PLACES);
    cache = nvb_view_plan_find(build, "ld.so.cache");
    c->start.view = nvb_xasprintf(
        "%s/%s",
        c->host->is_live && nvb_driver_is_ready(NVB_SYSTEM_VIEWS, build->name, 0) ? NVB_SYSTEM_VIEWS
                                                                                  : c->dir,
        build->name);
    nvb_strv_copy(&c->start.sockets, &build->sockets);
    if (places)
        link_places(c, places->text);
    return !cache || make_layer(c, cache->text, cache->text_len, err);
}

static bool use_ready(struct choice *c, const char *path, struct nvb_err *err)
{
    nvb_autofree char *places_path = nvb_xasprintf("%s/" NVB_VIEW_PLACES, path);
    nvb_autofree char *cache_path = nvb_xasprintf("%s/ld.so.cache", path);
    nvb_autofree char *places = NULL;
    nvb_autofree char *cache = NULL;
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, places_path, PLACES_MAX, &places, NULL, err) ||
        !nvb_read_file(AT_FDCWD, cache_path, CACHE_MAX, &cache, &len, err))
        return nvb_while(err, "cannot use the driver view '%s'", path);
    c->start.view = nvb_xstrdup(path);
    link_places(c, places);
    return make_layer(c, cache, len, err);
}

/* Everything the answer depends on, so that the next start can tell that it still holds. The
 * directories of the libraries: what is added to them later belongs into a view as well, and no
 * driver changes its manifests alone. */
static void watch(struct choice *c)
{
    nvb_auto_strv dirs = { 0 };

    nvb_strv_add(&dirs, "/etc/ld.so.cache");
    nvb_strv_add(&dirs, "/run/opengl-driver");
    for (size_t i = 0; i < c->files.n; i++) {
        const char *path = c->files.items[i].host_path;
        const char *slash = strrchr(path, '/');
        nvb_autofree char *dir =
            nvb_xstrndup(path, slash && slash > path ? (size_t)(slash - path) : 1);

        if (c->files.items[i].kind == NVB_DRIVER_LIBRARY && !nvb_strv_has(&dirs, dir))
            nvb_strv_add(&dirs, dir);
    }
    for (size_t i = 0; i < dirs.n; i++)
        nvb_driver_start_watch(&c->start, dirs.items[i]);
}

/* Without a view the machine's own manifest is the container's, too. */
static void use_own_icd(struct choice *c)
{
    c->start.vulkan_icd = nvb_vulkan_icd_dup_path(c->host, "nvidia");
    for (const char *const *dir = nvb_vulkan_icd_dirs; *dir; dir++)
        nvb_driver_start_watch(&c->start, *dir);
}

/* What an update left of the old driver (its 32-bit half, mostly) is no driver. */
static const char *get_files_version(const struct nvb_driver_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        if (files->items[i].kind == NVB_DRIVER_LIBRARY &&
            files->items[i].bits == sizeof(void *) * 8)
            return files->version;
    }
    return NULL;
}

/* None, or one that is no cache, is an answer: then the container's has the driver alone. */
static void read_cache(struct choice *c)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *text = NULL;
    size_t len = 0;

    if (!c->plan->image) {
        (void)nvb_ldcache_read(c->host, &c->cache, &ignored);
    } else if (nvb_overlay_read(c->plan->image->files, "/etc/ld.so.cache", CACHE_MAX, &text, &len,
                                &ignored)) {
        (void)nvb_ldcache_parse(text, len, &c->cache, &ignored);
    }
}

static bool look(struct choice *c, struct nvb_err *err)
{
    nvb_auto_view_decision decision = { 0 };
    nvb_autofree char *cuda = NULL;
    nvb_autofree char *glx = NULL;
    nvb_autofree char *ready = dup_ready_path(c);
    struct nvb_view_facts facts = {
        .wish = c->wish,
        .is_host_image = c->plan->image == NULL,
        .kernel_version = c->kernel_version,
        .has_view = ready != NULL,
    };

    read_cache(c);
    if (facts.is_host_image) {
        cuda = dup_cached_version(c, "libcuda.so.1");
        glx = dup_cached_version(c, "libGLX_nvidia.so.0");
    }
    facts.cuda_version = cuda;
    facts.glx_version = glx;
    if (!nvb_driver_files_find(c->host, &c->files, err))
        return false;
    facts.files_version = get_files_version(&c->files);
    nvb_view_decide(&facts, &decision);
    nvb_strv_add(&c->start.reasons, decision.reason);
    if (decision.warning)
        nvb_strv_add(&c->start.warnings, decision.warning);
    watch(c);
    if (decision.verdict == NVB_VIEW_NONE) {
        if (facts.is_host_image)
            use_own_icd(c);
        return true;
    }
    if (!c->dir)
        return nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "there is no cache directory");
    if (decision.verdict == NVB_VIEW_MAKE)
        return use_planned(c, err);
    assert(ready); /* facts.has_view, without which the verdict is another */
    return use_ready(c, ready, err);
}

/* NVML in there must not try to make nodes of the GPUs that were not given. */
static void add_params(struct choice *c)
{
    nvb_autofree char *text = nvb_host_dup_text(c->host, NVB_VIEW_PARAMS, PARAMS_MAX);
    nvb_autofree char *changed = text ? nvb_view_dup_params(text) : NULL;

    if (changed && strcmp(changed, text) != 0)
        nvb_edits_add_file(&c->plan->edits, NVB_VIEW_PARAMS, changed, strlen(changed), 0444);
}

/* "DIR/NAME" apart, for those who hold or build it. */
static void split(const char *path, char **out_dir, char **out_name)
{
    const char *slash = path ? strrchr(path, '/') : NULL;

    if (!slash)
        return;
    *out_name = nvb_xstrdup(slash + 1);
    *out_dir = nvb_xstrndup(path, (size_t)(slash - path));
}

static bool choose(struct choice *c, struct nvb_err *err)
{
    nvb_autofree char *path = NULL;
    bool is_kept = false;

    c->work = nvb_xcalloc(1, sizeof(*c->work));
    if (c->dir && c->host->is_live) {
        path = nvb_xasprintf("%s/start-%s-%s-%02x-%s", c->dir, get_image(c->plan),
                             c->wish == NVB_VIEW_ALWAYS ? "always" : "auto", c->capabilities,
                             c->kernel_version);
        is_kept = nvb_driver_start_read(path, &c->start);
    }
    if (!is_kept && !look(c, err))
        return nvb_while(err, "cannot choose the NVIDIA driver's files");
    split(c->start.view, &c->work->dir, &c->work->name);
    split(c->start.layer, &c->work->layer_dir, &c->work->layer_name);
    if (!is_kept && path) {
        c->work->start_text = nvb_driver_start_dup_text(&c->start);
        c->work->start_path = nvb_steal(&path);
    }
    nvb_driver_start_apply(&c->start, c->plan);
    add_params(c);
    c->plan->driver = nvb_steal(&c->work);
    return true;
}

bool nvb_driver_choose(struct nvb_plan *plan,
                       const struct nvb_host *host,
                       const struct nvb_strv *caller_env,
                       struct nvb_err *err)
{
    const struct nvb_gpu *gpu = find_gpu(plan);
    nvb_autofree char *cache = NULL;
    struct choice c = { .plan = plan, .host = host };
    bool ok = false;

    if (!gpu || !gpu->driver_version)
        return true;
    cache = nvb_dir_dup_cache();
    c.dir = cache ? nvb_xasprintf("%s/driver", cache) : NULL;
    c.kernel_version = gpu->driver_version;
    ok = choose_wish(&c, caller_env, err) && choose_capabilities(&c, err) && choose(&c, err);
    clear(&c);
    return ok;
}

void nvb_driver_work_free(struct nvb_driver_work *work)
{
    if (!work)
        return;
    free(work->dir);
    free(work->name);
    nvb_view_plan_clear(&work->build);
    free(work->layer_dir);
    free(work->layer_name);
    nvb_view_plan_clear(&work->layer);
    free(work->start_path);
    free(work->start_text);
    free(work);
}
