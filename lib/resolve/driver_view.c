/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_view.h"

#include <string.h>

#include "resolve/driver_manifest.h"
#include "resolve/driver_place.h"

enum {
    MANIFEST_MAX = 1 << 16,
    PARAMS_MAX = 1 << 16,
};

/* What is made from a list of driver files. */
struct maker {
    const struct nvb_driver_files *files;
    const struct nvb_host *host;
    unsigned capabilities;
    struct nvb_view_plan *plan;
    struct nvb_ldcache_entry *cached; /* owned; their strings lie in `strings` */
    size_t n_cached;
    struct nvb_strv strings;
    struct nvb_strv icds; /* "KIND SONAME" of the manifests taken so far */
    struct nvb_buf places;
};

static bool has_path(const struct nvb_view_plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (strcmp(plan->items[i].path, path) == 0)
            return true;
    }
    return false;
}

/* The first of two claims to a path wins: files come sorted, 64 bits before 32. */
static struct nvb_view_entry *
add_entry(struct nvb_view_plan *plan, enum nvb_view_entry_kind kind, char *take_path, unsigned mode)
{
    struct nvb_view_entry *entry = NULL;

    if (has_path(plan, take_path)) {
        free(take_path);
        return NULL;
    }
    plan->items = nvb_xrealloc(plan->items, plan->n + 1, sizeof(*plan->items));
    entry = &plan->items[plan->n++];
    *entry = (struct nvb_view_entry){ .kind = kind, .path = take_path, .mode = mode };
    return entry;
}

void nvb_view_plan_add_text(struct nvb_view_plan *plan,
                            char *take_path,
                            const char *text,
                            size_t len)
{
    struct nvb_view_entry *entry = add_entry(plan, NVB_VIEW_TEXT, take_path, 0444);
    struct nvb_buf copy = { 0 };

    if (!entry)
        return;
    nvb_buf_add(&copy, text, len);
    entry->text = copy.data;
    entry->text_len = len;
}

void nvb_view_plan_add_link(struct nvb_view_plan *plan, char *take_path, const char *text)
{
    struct nvb_view_entry *entry = add_entry(plan, NVB_VIEW_LINK, take_path, 0);

    if (entry) {
        entry->text = nvb_xstrdup(text);
        entry->text_len = strlen(text);
    }
}

static void add_place(struct maker *m, const struct nvb_driver_file *file, const char *path)
{
    nvb_driver_place_add(&m->places, &(struct nvb_driver_place){
                                         .kind = file->kind,
                                         .bits = file->bits,
                                         .subdir = file->subdir ? file->subdir : "",
                                         .container_path = file->subdir ? "" : file->container_path,
                                         .path = path,
                                     });
}

static const char *library_dir(const struct nvb_driver_file *file)
{
    return file->bits == 32 ? "lib32" : "lib64";
}

static void add_cached(struct maker *m, const struct nvb_driver_file *file, const char *name)
{
    char *soname = nvb_xstrdup(name);
    char *path = nvb_xasprintf(NVB_VIEW_PATH "/%s/%s", library_dir(file), name);

    nvb_strv_take(&m->strings, soname);
    nvb_strv_take(&m->strings, path);
    m->cached = nvb_xrealloc(m->cached, m->n_cached + 1, sizeof(*m->cached));
    m->cached[m->n_cached++] = (struct nvb_ldcache_entry){
        .soname = soname,
        .path = path,
        .flags = nvb_ldcache_flags(file->machine, file->bits),
        .bits = file->bits,
    };
}

/* Another name of a library beside it; a name with a directory in it would lead elsewhere. */
static void add_name(struct maker *m, const struct nvb_driver_file *file, const char *name)
{
    const char *below = file->subdir && *file->subdir ? file->subdir : NULL;
    char *path = NULL;

    if (!*name || strchr(name, '/') || strcmp(name, file->name) == 0)
        return;
    path =
        nvb_xasprintf("%s%s%s/%s", library_dir(file), below ? "/" : "", below ? below : "", name);
    if (!below && !has_path(m->plan, path))
        add_cached(m, file, name);
    nvb_view_plan_add_link(m->plan, path, file->name);
}

/* A plugin is looked for by its soname. */
static void place_below(struct maker *m, const struct nvb_driver_file *file)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s/%s", library_dir(file), file->subdir,
                                            file->soname ? file->soname : file->name);

    add_place(m, file, path);
}

/* Libraries and what lies in directories below theirs. */
static void add_library(struct maker *m, const struct nvb_driver_file *file)
{
    bool is_below = file->subdir && *file->subdir;
    nvb_autofree char *path = nvb_xasprintf("%s%s%s/%s", library_dir(file), is_below ? "/" : "",
                                            is_below ? file->subdir : "", file->name);
    struct nvb_view_entry *entry = NULL;

    if (file->link_target) {
        nvb_view_plan_add_link(m->plan, nvb_xstrdup(path), file->link_target);
        add_place(m, file, path);
        return;
    }
    entry = add_entry(m->plan, NVB_VIEW_FILE, nvb_xstrdup(path), 0555);
    if (entry)
        entry->host_path = nvb_xstrdup(file->host_path);
    if (is_below) {
        place_below(m, file);
    } else if (!file->soname || strcmp(file->soname, file->name) == 0) {
        add_cached(m, file, file->name);
    }
    if (file->soname)
        add_name(m, file, file->soname);
    for (size_t i = 0; i < file->n_links; i++)
        add_name(m, file, file->links[i]);
}

/* Where a kind that is no library stands in the view. */
static const char *directory_of(enum nvb_driver_file_kind kind)
{
    switch ((int)kind) {
    case NVB_DRIVER_BINARY:
        return "bin";
    case NVB_DRIVER_VULKAN_ICD:
        return "vulkan/icd.d";
    case NVB_DRIVER_VULKAN_LAYER:
        return "vulkan/implicit_layer.d";
    case NVB_DRIVER_EGL_VENDOR:
        return "egl_vendor.d";
    case NVB_DRIVER_EGL_PLATFORM:
        return "egl_external_platform.d";
    case NVB_DRIVER_OPENCL_ICD:
        return "OpenCL";
    case NVB_DRIVER_FIRMWARE:
        return "firmware";
    case NVB_DRIVER_XORG:
        return "xorg";
    default:
        return "share/nvidia";
    }
}

static bool is_manifest(enum nvb_driver_file_kind kind)
{
    return kind == NVB_DRIVER_VULKAN_ICD || kind == NVB_DRIVER_VULKAN_LAYER ||
           kind == NVB_DRIVER_EGL_VENDOR || kind == NVB_DRIVER_EGL_PLATFORM ||
           kind == NVB_DRIVER_OPENCL_ICD;
}

/* Two manifests with one soname (Fedora has one a word size) would show each GPU twice. */
static bool is_second(struct maker *m, const struct nvb_driver_file *file, const char *library)
{
    nvb_autofree char *key = nvb_xasprintf("%d %s", (int)file->kind, library);

    if (file->kind == NVB_DRIVER_VULKAN_LAYER)
        return false;
    if (nvb_strv_has(&m->icds, key))
        return true;
    nvb_strv_add(&m->icds, key);
    return false;
}

static void add_manifest(struct maker *m, const struct nvb_driver_file *file, const char *path)
{
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;
    nvb_autofree char *made = NULL;
    nvb_autofree char *library = NULL;
    size_t len = 0;

    if (!nvb_read_in_root(m->host->root_fd, file->host_path, MANIFEST_MAX, &text, &len, &err) ||
        !nvb_driver_manifest_rewrite(file->kind, text, file->host_path, &made, &library, &err)) {
        nvb_strv_addf(&m->plan->notes, "left out: %s", err.lines[0]);
        return;
    }
    if (is_second(m, file, library))
        return;
    nvb_view_plan_add_text(m->plan, nvb_xstrdup(path), made, strlen(made));
    add_place(m, file, path);
}

static void add_other(struct maker *m, const struct nvb_driver_file *file)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", directory_of(file->kind), file->name);
    struct nvb_view_entry *entry = NULL;

    if (is_manifest(file->kind)) {
        add_manifest(m, file, path);
        return;
    }
    entry = add_entry(m->plan, NVB_VIEW_FILE, nvb_xstrdup(path),
                      file->kind == NVB_DRIVER_BINARY ? 0555 : 0444);
    if (!entry)
        return;
    entry->host_path = nvb_xstrdup(file->host_path);
    add_place(m, file, path);
}

static void add_files(struct maker *m)
{
    for (size_t i = 0; i < m->files->n; i++) {
        const struct nvb_driver_file *file = &m->files->items[i];

        /* Newer CUDA libraries beside the driver's would win everywhere; who wants them asks. */
        if (!nvb_driver_file_is_wanted(file, m->capabilities) ||
            file->kind == NVB_DRIVER_CUDA_COMPAT)
            continue;
        if (file->kind == NVB_DRIVER_SOCKET) {
            nvb_strv_add(&m->plan->sockets, file->host_path);
        } else if (file->subdir) {
            add_library(m, file);
        } else if (file->container_path) {
            add_other(m, file);
        }
    }
}

char *nvb_view_dup_params(const char *text)
{
    static const char key[] = "ModifyDeviceFiles:";
    const char *at = strstr(text, key);
    const char *end = at ? at + strcspn(at, "\n") : NULL;

    if (!at || (at != text && at[-1] != '\n'))
        return nvb_xasprintf("%s 0\n%s", key, text);
    return nvb_xasprintf("%.*s%s 0%s", (int)(at - text), text, key, end);
}

static bool add_tables(struct maker *m, struct nvb_err *err)
{
    static const char conf[] = NVB_VIEW_PATH "/lib64\n" NVB_VIEW_PATH "/lib32\n";
    nvb_autofree char *params = nvb_host_dup_text(m->host, NVB_VIEW_PARAMS, PARAMS_MAX);
    nvb_autofree char *unmodifying = params ? nvb_view_dup_params(params) : NULL;
    nvb_auto_buf cache = { 0 };

    if (!nvb_ldcache_write(m->cached, m->n_cached, &cache, err))
        return nvb_while(err, "cannot list the driver's libraries");
    nvb_view_plan_add_text(m->plan, nvb_xstrdup("ld.so.cache"), cache.data, cache.len);
    nvb_view_plan_add_text(m->plan, nvb_xstrdup("ld.so.conf"), conf, sizeof(conf) - 1);
    nvb_view_plan_add_text(m->plan, nvb_xstrdup(NVB_VIEW_PLACES), m->places.data, m->places.len);
    if (unmodifying)
        nvb_view_plan_add_text(m->plan, nvb_xstrdup("params"), unmodifying, strlen(unmodifying));
    return true;
}

static int by_path(const void *a, const void *b)
{
    const struct nvb_view_entry *x = a;
    const struct nvb_view_entry *y = b;

    return strcmp(x->path, y->path);
}

/* FNV-1a, the end of each piece included. */
static void mix(uint64_t *hash, const char *data, size_t len)
{
    for (size_t i = 0; i <= len; i++) {
        *hash ^= i < len ? (unsigned char)data[i] : 0xffU;
        *hash *= UINT64_C(0x100000001b3);
    }
}

void nvb_view_plan_finish(struct nvb_view_plan *plan, const char *word)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    qsort(plan->items, plan->n, sizeof(*plan->items), by_path);
    for (size_t i = 0; i < plan->n; i++) {
        const struct nvb_view_entry *entry = &plan->items[i];

        if (strcmp(entry->path, "params") == 0)
            continue; /* the module's options of today make no other view */
        mix(&hash, entry->path, strlen(entry->path));
        if (entry->host_path)
            mix(&hash, entry->host_path, strlen(entry->host_path));
        if (entry->text)
            mix(&hash, entry->text, entry->text_len);
    }
    free(plan->name);
    plan->name = nvb_xasprintf("%s-%s-%016llx", plan->version, word, (unsigned long long)hash);
}

bool nvb_view_plan_make(const struct nvb_driver_files *files,
                        const struct nvb_host *host,
                        unsigned capabilities,
                        struct nvb_view_plan *out,
                        struct nvb_err *err)
{
    struct nvb_view_plan plan = { 0 };
    struct maker m = { .files = files, .host = host, .capabilities = capabilities, .plan = &plan };
    nvb_autofree char *word = NULL;
    bool ok = true;

    if (!files->version)
        return nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "no NVIDIA driver is installed");
    plan.version = nvb_xstrdup(files->version);
    add_files(&m);
    ok = add_tables(&m, err);
    free(m.cached);
    nvb_strv_clear(&m.strings);
    nvb_strv_clear(&m.icds);
    nvb_buf_clear(&m.places);
    if (!ok) {
        nvb_view_plan_clear(&plan);
        return false;
    }
    word = nvb_xasprintf("%02x", capabilities);
    nvb_view_plan_finish(&plan, word);
    *out = plan;
    return true;
}

const struct nvb_view_entry *nvb_view_plan_find(const struct nvb_view_plan *plan, const char *path)
{
    const struct nvb_view_entry wanted = { .path = nvb_xstrdup(path) };
    const struct nvb_view_entry *found =
        plan->n ? bsearch(&wanted, plan->items, plan->n, sizeof(*plan->items), by_path) : NULL;

    free(wanted.path);
    return found;
}

static bool has_soname(const struct nvb_ldcache *cache, const struct nvb_ldcache_entry *entry)
{
    for (size_t i = 0; i < cache->n; i++) {
        if (cache->items[i].flags == entry->flags &&
            strcmp(cache->items[i].soname, entry->soname) == 0)
            return true;
    }
    return false;
}

bool nvb_view_merge_ldcache(const void *driver_cache,
                            size_t len,
                            const struct nvb_ldcache *image,
                            struct nvb_buf *out,
                            struct nvb_err *err)
{
    nvb_auto_ldcache driver = { 0 };
    nvb_autofree struct nvb_ldcache_entry *all = NULL;
    size_t n = 0;

    if (!nvb_ldcache_parse(driver_cache, len, &driver, err))
        return false;
    if (driver.n + image->n == 0)
        return nvb_ldcache_write(NULL, 0, out, err);
    all = nvb_xcalloc(driver.n + image->n, sizeof(*all));
    n = driver.n;
    if (n > 0)
        memcpy(all, driver.items, driver.n * sizeof(*all));
    for (size_t i = 0; i < image->n; i++) {
        if (!has_soname(&driver, &image->items[i]))
            all[n++] = image->items[i];
    }
    return nvb_ldcache_write(all, n, out, err);
}

void nvb_view_plan_clear(struct nvb_view_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        free(plan->items[i].path);
        free(plan->items[i].host_path);
        free(plan->items[i].text);
    }
    free(plan->items);
    free(plan->name);
    free(plan->version);
    nvb_strv_clear(&plan->sockets);
    nvb_strv_clear(&plan->notes);
    *plan = (struct nvb_view_plan){ 0 };
}
