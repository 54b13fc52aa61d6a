/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cdi/device_name.h"

enum {
    SPEC_SIZE_MAX = 16 << 20,
    FILES_MAX = 4096, /* of one directory */
    DIRS_MAX = 32,
};

const char *const nvb_cdi_default_dirs[] = { "/etc/cdi", "/run/cdi", NULL };

static char *dup_printable(const char *dir, const char *name)
{
    char *path = nvb_xasprintf("%s/%s", dir, name);

    for (char *p = path; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    return path;
}

static struct nvb_cdi_file *
add_file(struct nvb_cdi_registry *registry, const char *dir, const char *name, unsigned priority)
{
    struct nvb_cdi_file *file = nvb_xcalloc(1, sizeof(*file));

    file->path = dup_printable(dir, name);
    file->priority = priority;
    registry->files = nvb_xrealloc(registry->files, registry->n_files + 1, sizeof(void *));
    registry->files[registry->n_files++] = file;
    return file;
}

static void add_entry(struct nvb_cdi_registry *registry,
                      const struct nvb_cdi_file *file,
                      const struct nvb_cdi_device *device)
{
    size_t n = registry->n_entries;

    if ((n & (n - 1)) == 0) { /* room doubles: full at each power of two */
        registry->entries =
            nvb_xrealloc(registry->entries, n ? n * 2 : 1, sizeof(*registry->entries));
    }
    registry->entries[registry->n_entries++] = (struct nvb_cdi_entry){
        .name = nvb_xasprintf("%s=%s", file->spec->kind, device->name),
        .file = file,
        .device = device,
        .state = NVB_CDI_GOOD,
    };
}

static void load_file(struct nvb_cdi_registry *registry,
                      int root_fd,
                      const char *dir,
                      const char *name,
                      unsigned priority)
{
    struct nvb_cdi_file *file = add_file(registry, dir, name, priority);
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, name);
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (!nvb_read_in_root(root_fd, path, SPEC_SIZE_MAX, &text, &len, &err)) {
        nvb_strv_add(&file->problems, err.lines[0]);
        return;
    }
    /* The faults of a broken file; a good one is read a second time, which costs little. */
    if (!nvb_cdi_spec_parse(text, len, file->path, &file->spec, &err)) {
        (void)nvb_cdi_spec_validate(text, len, file->path, &file->problems);
        return;
    }
    for (size_t i = 0; i < file->spec->n_devices; i++)
        add_entry(registry, file, &file->spec->devices[i]);
}

static bool has_suffix_of_spec(const char *name)
{
    return nvb_has_suffix(name, ".json") || nvb_has_suffix(name, ".yaml");
}

static bool is_directory(int root_fd, const char *dir, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, name);
    nvb_autoclose int fd = nvb_open_in_root(root_fd, path, O_PATH | O_NOFOLLOW);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool load_dir(struct nvb_cdi_registry *registry,
                     int root_fd,
                     const char *dir,
                     unsigned priority,
                     struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    size_t n_files = 0;

    if (!nvb_list_in_root(root_fd, dir, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        if (!has_suffix_of_spec(names.items[i]) || is_directory(root_fd, dir, names.items[i]))
            continue;
        if (n_files++ == FILES_MAX) {
            return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "'%s' has more than 4096 specifications",
                            dir);
        }
        load_file(registry, root_fd, dir, names.items[i], priority);
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct nvb_cdi_entry *l = a;
    const struct nvb_cdi_entry *r = b;
    int order = strcmp(l->name, r->name);

    if (order)
        return order;
    if (l->file->priority != r->file->priority)
        return l->file->priority < r->file->priority ? -1 : 1;
    return strcmp(l->file->path, r->file->path);
}

/* Entries of one name: from the lowest directory to the highest. */
static void settle(struct nvb_cdi_entry *entries, size_t n)
{
    unsigned best = entries[0].file->priority;
    bool is_conflict = false;

    /* As the library goes: the first of a directory stands until a later directory has another;
     * one more of the directory that stands is a conflict for good. */
    for (size_t i = 1; i < n; i++) {
        if (entries[i].file->priority == best)
            is_conflict = true;
        best = entries[i].file->priority;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_conflict) {
            entries[i].state = NVB_CDI_CONFLICT;
        } else if (entries[i].file->priority != best) {
            entries[i].state = NVB_CDI_SHADOWED;
        }
    }
}

static void settle_all(struct nvb_cdi_registry *registry)
{
    if (registry->n_entries > 1)
        qsort(registry->entries, registry->n_entries, sizeof(*registry->entries), by_name);
    for (size_t i = 0; i < registry->n_entries;) {
        size_t n = 1;

        while (i + n < registry->n_entries &&
               strcmp(registry->entries[i].name, registry->entries[i + n].name) == 0)
            n++;
        settle(&registry->entries[i], n);
        i += n;
    }
}

/* Is the directory there, and none of those before? */
static bool is_new(int root_fd, const char *dir, struct stat *seen, size_t *n_seen)
{
    nvb_autoclose int fd = nvb_open_in_root(root_fd, dir, O_PATH | O_DIRECTORY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return errno != ENOENT; /* let the listing say what is wrong */
    for (size_t i = 0; i < *n_seen; i++) {
        if (seen[i].st_dev == st.st_dev && seen[i].st_ino == st.st_ino)
            return false;
    }
    seen[(*n_seen)++] = st;
    return true;
}

bool nvb_cdi_registry_load(int root_fd,
                           const char *const *dirs,
                           struct nvb_cdi_registry **out_registry,
                           struct nvb_err *err)
{
    nvb_autoptr(nvb_cdi_registry) registry = nvb_xcalloc(1, sizeof(*registry));
    struct stat seen[DIRS_MAX];
    size_t n_seen = 0;

    for (unsigned i = 0; dirs[i]; i++) {
        if (i == DIRS_MAX)
            return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "more than 32 directories");
        if (is_new(root_fd, dirs[i], seen, &n_seen) &&
            !load_dir(registry, root_fd, dirs[i], i, err))
            return false;
    }
    settle_all(registry);
    *out_registry = nvb_steal(&registry);
    return true;
}

void nvb_cdi_registry_free(struct nvb_cdi_registry *registry)
{
    if (!registry)
        return;
    for (size_t i = 0; i < registry->n_entries; i++)
        free(registry->entries[i].name);
    for (size_t i = 0; i < registry->n_files; i++) {
        free(registry->files[i]->path);
        nvb_cdi_spec_free(registry->files[i]->spec);
        nvb_strv_clear(&registry->files[i]->problems);
        free(registry->files[i]);
    }
    free(registry->entries);
    free(registry->files);
    free(registry);
}

/* The usable entry of a name; NULL with the reason in *out_why when there is none. */
static const struct nvb_cdi_entry *
find_entry(const struct nvb_cdi_registry *registry, const char *name, char **out_why)
{
    for (size_t i = 0; i < registry->n_entries; i++) {
        const struct nvb_cdi_entry *entry = &registry->entries[i];

        if (strcmp(entry->name, name) != 0)
            continue;
        if (entry->state == NVB_CDI_GOOD)
            return entry;
        if (entry->state == NVB_CDI_CONFLICT) {
            *out_why = nvb_xasprintf("'%s' is defined by more than one file of a directory: '%s' "
                                     "and '%s'",
                                     name, entry->file->path, entry[1].file->path);
            return NULL;
        }
    }
    *out_why = nvb_xasprintf("no specification has a device '%s'", name);
    return NULL;
}

/* The specifications that cannot be read may be where the device would have been. */
static void add_hint(const struct nvb_cdi_registry *registry, const char *name, struct nvb_err *err)
{
    nvb_autofree const char **names = nvb_xcalloc(registry->n_entries + 1, sizeof(void *));
    const char *near = NULL;

    for (size_t i = 0; i < registry->n_files; i++) {
        if (registry->files[i]->problems.n > 0) {
            nvb_hint(err, "mend '%s' first: %s", registry->files[i]->path,
                     registry->files[i]->problems.items[0]);
            return;
        }
    }
    for (size_t i = 0; i < registry->n_entries; i++)
        names[i] = registry->entries[i].name;
    near = nvb_nearest(name, names);
    if (near) {
        nvb_hint(err, "did you mean '%s'?", near);
    } else {
        nvb_hint(err, "nvbind cdi list shows the devices that there are");
    }
}

static bool check_name(const char *name, struct nvb_err *err)
{
    nvb_autoptr(nvb_device_name) parsed = NULL;

    return nvb_device_name_parse(name, &parsed, err);
}

static void append_entry(struct nvb_edits *edits,
                         const struct nvb_cdi_entry *entry,
                         const struct nvb_cdi_spec **used,
                         size_t *n_used)
{
    bool is_used = false;

    for (size_t i = 0; i < *n_used && !is_used; i++)
        is_used = used[i] == entry->file->spec;
    if (!is_used) {
        used[(*n_used)++] = entry->file->spec;
        nvb_edits_append(edits, &entry->file->spec->edits);
    }
    nvb_edits_append(edits, &entry->device->edits);
}

bool nvb_cdi_registry_resolve(const struct nvb_cdi_registry *registry,
                              const struct nvb_strv *names,
                              struct nvb_edits *out_edits,
                              struct nvb_err *err)
{
    nvb_autofree const struct nvb_cdi_spec **used = nvb_xcalloc(names->n, sizeof(void *));
    nvb_auto_edits edits = { 0 };
    nvb_auto_strv reasons = { 0 };
    const char *unresolved = NULL;
    size_t n_used = 0;

    for (size_t i = 0; i < names->n; i++) {
        const struct nvb_cdi_entry *entry = NULL;
        char *why = NULL;

        if (!check_name(names->items[i], err))
            return false;
        entry = find_entry(registry, names->items[i], &why);
        if (entry) {
            append_entry(&edits, entry, used, &n_used);
        } else {
            nvb_strv_take(&reasons, why);
            unresolved = unresolved ? unresolved : names->items[i];
        }
    }
    if (unresolved) {
        nvb_autofree char *all = nvb_strv_join(&reasons, "; ");

        nvb_fail(err, NVB_D_CDI, NVB_E_NOT_FOUND, "%s", all);
        add_hint(registry, unresolved, err);
        return false;
    }
    nvb_edits_append(out_edits, &edits);
    return true;
}
