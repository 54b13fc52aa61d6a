/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "kept_specs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cdi/spec.h"
#include "cdi_files.h"

enum {
    SPEC_MAX = 16 << 20,
};

static void clear_spec(struct kept_spec *spec)
{
    free(spec->path);
    free(spec->recipe);
    free(spec->seen);
    nvb_strv_clear(&spec->dirs);
}

void kept_specs_clear(struct kept_specs *kept)
{
    for (size_t i = 0; i < kept->n; i++)
        clear_spec(&kept->items[i]);
    free(kept->items);
    *kept = (struct kept_specs){ 0 };
}

static struct kept_spec *find(const struct kept_specs *kept, const char *path)
{
    for (size_t i = 0; i < kept->n; i++) {
        if (strcmp(kept->items[i].path, path) == 0)
            return &kept->items[i];
    }
    return NULL;
}

static struct kept_spec *add(struct kept_specs *kept, const char *path)
{
    kept->items = nvb_xrealloc(kept->items, kept->n + 1, sizeof(*kept->items));
    kept->items[kept->n] = (struct kept_spec){ .path = nvb_xstrdup(path) };
    return &kept->items[kept->n++];
}

static void drop(struct kept_specs *kept, struct kept_spec *spec)
{
    size_t i = (size_t)(spec - kept->items);

    clear_spec(spec);
    kept->n--;
    memmove(spec, spec + 1, (kept->n - i) * sizeof(*spec));
}

static char *dup_dir(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? nvb_xstrndup(path, slash > path ? (size_t)(slash - path) : 1) : nvb_xstrdup(".");
}

/* A remount, and space on a full file system, come without an event. */
static const char *writability(const char *path)
{
    nvb_autofree char *dir = dup_dir(path);
    struct statvfs st;

    if (statvfs(dir, &st) < 0)
        return "absent";
    if (st.f_flag & ST_RDONLY)
        return "read-only";
    return st.f_blocks > 0 && st.f_bavail == 0 ? "full" : "writable";
}

static void add_dir(struct nvb_strv *dirs, const char *host_path)
{
    nvb_autofree char *dir = host_path ? dup_dir(host_path) : NULL;

    if (dir && *dir == '/' && !nvb_strv_has(dirs, dir))
        nvb_strv_add(dirs, dir);
}

static void add_dirs_of(struct nvb_strv *dirs, const struct nvb_edits *edits)
{
    for (size_t i = 0; i < edits->n_nodes; i++)
        add_dir(dirs, edits->nodes[i].host_path ? edits->nodes[i].host_path : edits->nodes[i].path);
    for (size_t i = 0; i < edits->n_mounts; i++)
        add_dir(dirs, edits->mounts[i].host_path);
}

static void find_dirs(struct kept_spec *kept, const char *text)
{
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_err broken = { 0 };

    nvb_strv_clear(&kept->dirs);
    add_dir(&kept->dirs, kept->path);
    if (!nvb_cdi_spec_parse(text, strlen(text), kept->path, &spec, &broken))
        return;
    add_dirs_of(&kept->dirs, &spec->edits);
    for (size_t i = 0; i < spec->n_devices; i++)
        add_dirs_of(&kept->dirs, &spec->devices[i].edits);
}

/* True when it is not what it was. */
static bool read_files(struct kept_spec *spec, const struct nvb_host *host, char *take_recipe)
{
    nvb_autofree char *text = nvb_host_dup_text(host, spec->path, SPEC_MAX);
    char *seen =
        nvb_xasprintf("%s\n%s\n%s", writability(spec->path), take_recipe, text ? text : "gone");
    bool is_changed = !spec->seen || strcmp(spec->seen, seen) != 0;

    free(spec->recipe);
    spec->recipe = take_recipe;
    free(spec->seen);
    spec->seen = seen;
    if (is_changed)
        find_dirs(spec, text ? text : "");
    return is_changed;
}

static char *dup_recipe(const struct nvb_host *host, const char *path)
{
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", path);

    return nvb_host_dup_text(host, beside, SPEC_MAX);
}

static bool is_dir_gone(const struct kept_spec *spec)
{
    nvb_autofree char *dir = dup_dir(spec->path);

    return access(dir, F_OK) < 0 && errno == ENOENT;
}

/* The directory as every user may need it, and the recipe in it. */
static bool put_back(const struct kept_spec *spec, const struct nvb_host *host, struct nvb_err *err)
{
    nvb_autofree char *dir = dup_dir(spec->path);
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", spec->path);

    return nvb_mkdirs_in_root(host->root_fd, dir, 0755, err) &&
           nvb_write_file(AT_FDCWD, beside, spec->recipe, strlen(spec->recipe), 0644, err);
}

/* One that was kept and whose recipe is not there. */
static void lose(struct kept_specs *kept,
                 struct kept_spec *spec,
                 const struct nvb_host *host,
                 struct nvb_strv *out_complaints)
{
    nvb_auto_err err = { 0 };

    free(spec->seen); /* whatever will be seen is news */
    spec->seen = NULL;
    if (!is_dir_gone(spec)) {
        printf("no longer kept: %s, whose recipe is gone\n", spec->path);
        (void)fflush(stdout);
        drop(kept, spec);
    } else if (!put_back(spec, host, &err)) {
        nvb_strv_addf(out_complaints, "nvbind: %s\n", err.lines[0]);
    }
}

static bool look_at(struct kept_specs *kept,
                    const struct nvb_host *host,
                    const char *path,
                    struct nvb_strv *out_complaints)
{
    char *recipe = dup_recipe(host, path);
    struct kept_spec *spec = find(kept, path);

    if (!recipe && spec) {
        lose(kept, spec, host, out_complaints);
        recipe = dup_recipe(host, path);
        spec = find(kept, path);
    }
    return recipe && read_files(spec ? spec : add(kept, path), host, recipe);
}

bool kept_specs_look(struct kept_specs *kept,
                     const struct nvb_host *host,
                     char *const *words,
                     struct nvb_strv *out_complaints)
{
    nvb_auto_strv paths = { 0 };
    bool is_changed = false;

    cdi_files_find(host, words, &paths);
    for (size_t i = 0; i < kept->n; i++) {
        if (!nvb_strv_has(&paths, kept->items[i].path))
            nvb_strv_add(&paths, kept->items[i].path);
    }
    for (size_t i = 0; i < paths.n; i++)
        is_changed = look_at(kept, host, paths.items[i], out_complaints) || is_changed;
    return is_changed;
}
