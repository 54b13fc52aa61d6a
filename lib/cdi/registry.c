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
    KNOWN_MAX = 12, /* of the devices in a hint */
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

/* One of the directories, while it is read. */
struct source {
    int root_fd;
    const char *dir;
    unsigned priority;
    struct nvb_cdi_keeper keeper;
};

static struct nvb_cdi_keeper keeper_of(const struct stat *st)
{
    return (struct nvb_cdi_keeper){ .uid = st->st_uid, .mode = st->st_mode & 07777 };
}

static struct nvb_cdi_file *
add_file(struct nvb_cdi_registry *registry, const struct source *source, const char *name)
{
    struct nvb_cdi_file *file = nvb_xcalloc(1, sizeof(*file));

    file->path = dup_printable(source->dir, name);
    file->priority = source->priority;
    file->dir = source->keeper;
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

static void
load_file(struct nvb_cdi_registry *registry, const struct source *source, const char *name)
{
    struct nvb_cdi_file *file = add_file(registry, source, name);
    nvb_autofree char *path = nvb_xasprintf("%s/%s", source->dir, name);
    nvb_auto_read read = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_read_in_root_with_stat(source->root_fd, path, SPEC_SIZE_MAX, &read, &err)) {
        nvb_strv_add(&file->problems, err.lines[0]);
        return;
    }
    file->file = keeper_of(&read.st);
    /* The faults of a broken file; a good one is read a second time, which costs little. */
    if (!nvb_cdi_spec_parse(read.text, read.len, file->path, &file->spec, &err)) {
        (void)nvb_cdi_spec_validate(read.text, read.len, file->path, &file->problems);
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

static bool
load_dir(struct nvb_cdi_registry *registry, const struct source *source, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    size_t n_files = 0;

    if (!nvb_list_in_root(source->root_fd, source->dir, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        if (!has_suffix_of_spec(names.items[i]) ||
            is_directory(source->root_fd, source->dir, names.items[i]))
            continue;
        if (n_files++ == FILES_MAX) {
            return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "'%s' has more than 4096 specifications",
                            source->dir);
        }
        load_file(registry, source, names.items[i]);
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
        struct source source = { .root_fd = root_fd, .dir = dirs[i], .priority = i };
        size_t n_before = n_seen;

        if (i == DIRS_MAX)
            return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "more than 32 directories");
        if (!is_new(root_fd, dirs[i], seen, &n_seen))
            continue;
        if (n_seen > n_before)
            source.keeper = keeper_of(&seen[n_before]);
        if (!load_dir(registry, &source, err))
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

/* Two files of one directory, of the entries of a name from `entry` on: the first such pair. */
static char *dup_conflict(const struct nvb_cdi_entry *entry)
{
    while (entry[0].file->priority != entry[1].file->priority)
        entry++;
    return nvb_xasprintf("'%s' is defined by more than one file of a directory: '%s' and '%s'",
                         entry->name, entry[0].file->path, entry[1].file->path);
}

/* The usable entry of a name, or the first of those in conflict; NULL when there is none. */
static const struct nvb_cdi_entry *find_entry(const struct nvb_cdi_registry *registry,
                                              const char *name)
{
    for (size_t i = 0; i < registry->n_entries; i++) {
        const struct nvb_cdi_entry *entry = &registry->entries[i];

        if (entry->state != NVB_CDI_SHADOWED && strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

static bool is_usable(const struct nvb_cdi_entry *entry)
{
    return entry && entry->state == NVB_CDI_GOOD;
}

/* Why a device cannot be had; `entry` as found. */
static char *dup_why(const struct nvb_cdi_entry *entry, const char *name)
{
    return entry ? dup_conflict(entry) : nvb_xasprintf("no specification has a device '%s'", name);
}

/* "a, b, c and 4 more" */
static char *dup_known(const struct nvb_cdi_registry *registry)
{
    nvb_auto_strv shown = { 0 };
    nvb_autofree char *list = NULL;
    size_t n = 0;

    for (size_t i = 0; i < registry->n_entries; i++) {
        if (registry->entries[i].state != NVB_CDI_GOOD)
            continue;
        if (n++ < KNOWN_MAX)
            nvb_strv_add(&shown, registry->entries[i].name);
    }
    list = nvb_strv_join(&shown, ", ");
    return n > KNOWN_MAX ? nvb_xasprintf("%s and %zu more (nvbind cdi list)", list, n - KNOWN_MAX)
                         : nvb_steal(&list);
}

/* The specifications that cannot be read may be where the device would have been. */
static void add_hint(const struct nvb_cdi_registry *registry, const char *name, struct nvb_err *err)
{
    nvb_autofree const char **names = nvb_xcalloc(registry->n_entries + 1, sizeof(void *));
    nvb_autofree char *known = dup_known(registry);
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
        nvb_hint(err, "did you mean '%s'? there are: %s", near, known);
    } else if (*known) {
        nvb_hint(err, "there are: %s", known);
    } else {
        nvb_hint(err,
                 "there is no specification of a device; nvbind cdi generate writes one of GPUs");
    }
}

bool nvb_cdi_registry_find(const struct nvb_cdi_registry *registry,
                           const char *name,
                           const struct nvb_cdi_entry **out_entry,
                           struct nvb_err *err)
{
    const struct nvb_cdi_entry *entry = find_entry(registry, name);
    nvb_autofree char *why = is_usable(entry) ? NULL : dup_why(entry, name);

    if (!why) {
        *out_entry = entry;
        return true;
    }
    nvb_fail(err, NVB_D_CDI, entry ? NVB_E_CONFLICT : NVB_E_NOT_FOUND, "%s", why);
    if (entry) {
        nvb_hint(err, "take the device out of one of the two files");
    } else {
        add_hint(registry, name, err);
    }
    return false;
}

bool nvb_cdi_registry_has_kind(const struct nvb_cdi_registry *registry, const char *kind)
{
    size_t len = strlen(kind);

    for (size_t i = 0; i < registry->n_entries; i++) {
        if (nvb_has_prefix(registry->entries[i].name, kind) &&
            registry->entries[i].name[len] == '=')
            return true;
    }
    return false;
}

static bool
check_keeper(const char *path, const struct nvb_cdi_keeper *keeper, uid_t user, struct nvb_err *err)
{
    if (keeper->uid != 0 && keeper->uid != user) {
        nvb_fail(err, NVB_D_CDI, NVB_E_DENIED, "'%s' belongs to user %u, who is not trusted", path,
                 (unsigned)keeper->uid);
        return nvb_hint(err, "look at what it says, then: chown root '%s'", path);
    }
    if (keeper->mode & 022) {
        nvb_fail(err, NVB_D_CDI, NVB_E_DENIED, "'%s' can be written by others than its owner",
                 path);
        return nvb_hint(err, "look at what it says, then: chmod go-w '%s'", path);
    }
    return true;
}

bool nvb_cdi_file_check_trust(const struct nvb_cdi_file *file, uid_t user, struct nvb_err *err)
{
    nvb_autofree char *dir =
        nvb_xstrndup(file->path, (size_t)(strrchr(file->path, '/') - file->path));

    return check_keeper(file->path, &file->file, user, err) &&
           check_keeper(dir, &file->dir, user, err);
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

        if (!check_name(names->items[i], err))
            return false;
        entry = find_entry(registry, names->items[i]);
        if (is_usable(entry)) {
            append_entry(&edits, entry, used, &n_used);
        } else {
            nvb_strv_take(&reasons, dup_why(entry, names->items[i]));
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
