/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/driver_files.h"

#include <elf.h>
#include <stdarg.h>
#include <string.h>

#include "host/driver_finder.h"
#include "host/ldcache.h"
#include "host/nvidia.h"

enum {
    NOTES_MAX = 32,
};

#if defined(__aarch64__)
static const unsigned own_machines[] = { EM_AARCH64, EM_ARM };
#else
static const unsigned own_machines[] = { EM_X86_64, EM_386 };
#endif

static void clear_file(struct nvb_driver_file *file)
{
    free(file->host_path);
    free(file->name);
    free(file->soname);
    for (size_t i = 0; i < file->n_links; i++)
        free(file->links[i]);
    free(file->links);
    free(file->container_path);
    free(file->link_target);
    *file = (struct nvb_driver_file){ 0 };
}

void nvb_driver_files_clear(struct nvb_driver_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        clear_file(&files->items[i]);
    free(files->items);
    free(files->version);
    nvb_strv_clear(&files->notes);
    *files = (struct nvb_driver_files){ 0 };
}

void nvb_driver_finder_clear(struct nvb_driver_finder *finder)
{
    for (size_t i = 0; i < finder->n_dirs; i++)
        nvb_driver_dir_clear(&finder->dirs[i]);
    free(finder->dirs);
    free(finder->root_prefix);
    nvb_driver_files_clear(&finder->files);
}

struct nvb_driver_file *nvb_driver_finder_add(struct nvb_driver_finder *finder)
{
    struct nvb_driver_files *files = &finder->files;

    files->items = nvb_xrealloc(files->items, files->n + 1, sizeof(*files->items));
    files->items[files->n] = (struct nvb_driver_file){ 0 };
    return &files->items[files->n++];
}

void nvb_driver_finder_note(struct nvb_driver_finder *finder, const char *fmt, ...)
{
    struct nvb_strv *notes = &finder->files.notes;
    char *line = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&line, fmt, ap) < 0)
        abort();
    va_end(ap);
    if (notes->n < NOTES_MAX && !nvb_strv_has(notes, line)) {
        nvb_strv_take(notes, line);
    } else {
        free(line);
    }
}

static bool has_version(const struct nvb_driver_finder *finder, const char *version)
{
    for (size_t i = 0; i < finder->n_dirs; i++) {
        for (size_t k = 0; k < finder->dirs[i].n_names; k++) {
            const char *found = nvb_driver_version_in_name(finder->dirs[i].names[k].name);

            if (found && strcmp(found, version) == 0)
                return true;
        }
    }
    return false;
}

/* Of several installed drivers the newest. */
static const char *newest_version(const struct nvb_driver_finder *finder)
{
    const char *newest = NULL;

    for (size_t i = 0; i < finder->n_dirs; i++) {
        for (size_t k = 0; k < finder->dirs[i].n_names; k++) {
            const char *found = nvb_driver_version_in_name(finder->dirs[i].names[k].name);

            if (found && (!newest || nvb_ldcache_compare_sonames(found, newest) > 0))
                newest = found;
        }
    }
    return newest;
}

static void note_other_versions(struct nvb_driver_finder *finder)
{
    const char *version = finder->files.version;

    for (size_t i = 0; i < finder->n_dirs; i++) {
        const struct nvb_driver_dir *dir = &finder->dirs[i];

        for (size_t k = 0; k < dir->n_names; k++) {
            const char *found = nvb_driver_version_in_name(dir->names[k].name);

            if (found && strcmp(found, version) != 0) {
                nvb_driver_finder_note(finder,
                                       "'%s' also holds libraries of driver %s, which are left out",
                                       dir->path, found);
            }
        }
    }
}

/* The module's if its libraries are here; else what a program on the host would load. */
static char *dup_version(const struct nvb_driver_finder *finder, const char *module)
{
    const char *newest = newest_version(finder);
    nvb_autofree char *linked = NULL;

    if (!newest)
        return NULL;
    if (module && has_version(finder, module))
        return nvb_xstrdup(module);
    linked = nvb_nvidia_dup_library_version(finder->host);
    return nvb_xstrdup(linked && has_version(finder, linked) ? linked : newest);
}

static void decide_version(struct nvb_driver_finder *finder)
{
    nvb_autofree char *module = nvb_nvidia_dup_kernel_version(finder->host);
    char *version = dup_version(finder, module);

    finder->files.version = version;
    if (!version)
        return;
    if (module && strcmp(module, version) != 0) {
        nvb_driver_finder_note(finder,
                               "the kernel module is of driver %s, the libraries are of %s: "
                               "neither the host nor a container can use the GPU until a restart",
                               module, version);
    }
    note_other_versions(finder);
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int by_kind(const void *a, const void *b)
{
    const struct nvb_driver_file *x = a;
    const struct nvb_driver_file *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->bits != y->bits)
        return x->bits > y->bits ? -1 : 1;
    return strcmp(x->name, y->name) ? strcmp(x->name, y->name)
                                    : compare_texts(x->container_path, y->container_path);
}

static bool is_own_machine(unsigned machine)
{
    return machine == 0 || machine == own_machines[0] || machine == own_machines[1];
}

/* Some libraries are of this machine: then those of another are for cross-building. A captured
 * machine of the other kind has only foreign ones, and keeps them. */
static bool has_own_machine(const struct nvb_driver_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        if (files->items[i].machine && is_own_machine(files->items[i].machine))
            return true;
    }
    return false;
}

/* Two files that a container would have to put in one place. */
static bool collides(const struct nvb_driver_file *a, const struct nvb_driver_file *b)
{
    if (a->kind != b->kind || a->bits != b->bits || a->machine != b->machine || !a->subdir)
        return false;
    return strcmp(a->name, b->name) == 0 ||
           (a->soname && b->soname && strcmp(a->soname, b->soname) == 0);
}

/* Of libraries with versions of their own the newer counts, else the one found first. */
static bool is_better(const struct nvb_driver_file *a, const struct nvb_driver_file *b)
{
    return nvb_ldcache_compare_sonames(a->name, b->name) > 0;
}

static void drop(struct nvb_driver_files *files, size_t i)
{
    clear_file(&files->items[i]);
    memmove(&files->items[i], &files->items[i + 1], (files->n - i - 1) * sizeof(files->items[0]));
    files->n--;
}

static void note_twice(struct nvb_driver_finder *finder,
                       const struct nvb_driver_file *taken,
                       const struct nvb_driver_file *other)
{
    if (taken->kind != NVB_DRIVER_GBM) {
        nvb_driver_finder_note(finder, "'%s' is there twice: '%s' is taken, '%s' is left out",
                               taken->soname ? taken->soname : taken->name, taken->host_path,
                               other->host_path);
    }
}

static void drop_collisions(struct nvb_driver_finder *finder)
{
    struct nvb_driver_files *files = &finder->files;

    for (size_t i = 0; i < files->n; i++) {
        for (size_t k = i + 1; k < files->n; k++) {
            struct nvb_driver_file *a = &files->items[i];
            struct nvb_driver_file *b = &files->items[k];

            if (!collides(a, b))
                continue;
            if (is_better(b, a)) {
                struct nvb_driver_file swap = *a;

                *a = *b;
                *b = swap;
            }
            note_twice(finder, a, b);
            drop(files, k--);
        }
    }
}

static void drop_foreign(struct nvb_driver_files *files)
{
    if (!has_own_machine(files))
        return;
    for (size_t i = files->n; i > 0; i--) {
        if (!is_own_machine(files->items[i - 1].machine))
            drop(files, i - 1);
    }
}

bool nvb_driver_files_find(const struct nvb_host *host,
                           struct nvb_driver_files *out,
                           struct nvb_err *err)
{
    nvb_auto_driver_finder finder = { .host = host };

    if (!nvb_real_root(host, &finder.root_prefix, err) || !nvb_driver_finder_list(&finder, err))
        return false;
    decide_version(&finder);
    if (finder.files.version) {
        if (!nvb_driver_finder_add_libraries(&finder, err))
            return false;
        drop_foreign(&finder.files);
        drop_collisions(&finder);
        if (!nvb_driver_finder_add_data(&finder, err))
            return false;
        if (finder.files.n > 1) /* qsort() must not be given NULL, even for nothing */
            qsort(finder.files.items, finder.files.n, sizeof(*finder.files.items), by_kind);
    }
    *out = finder.files;
    finder.files = (struct nvb_driver_files){ 0 };
    return true;
}
