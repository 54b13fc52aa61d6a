/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"
#include "profile/setting.h"

enum {
    NAME_LENGTH_MAX = 64,
};

static const char suffix[] = ".toml";

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

bool nvb_catalog_is_name(const char *s)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(s);

    return len > 0 && len <= NAME_LENGTH_MAX && *s != '.' && strspn(s, legal) == len;
}

bool nvb_catalog_check_name(const char *name, struct nvb_err *err)
{
    if (nvb_catalog_is_name(name))
        return true;
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a profile's name", name);
    return nvb_hint(err, "a name has letters, digits, '.', '_' and '-'; see nvbind profile list");
}

void nvb_catalog_entry_clear(struct nvb_catalog_entry *entry)
{
    free(entry->path);
    nvb_toml_free(entry->doc);
    *entry = (struct nvb_catalog_entry){ 0 };
}

/* The user's own comes first. */
static struct nvb_strv search_path(void)
{
    nvb_autofree char *config = nvb_dir_dup_config();
    nvb_autofree char *data = nvb_dir_dup_data();
    struct nvb_strv dirs = { 0 };

    nvb_strv_add(&dirs, config);
    nvb_strv_add(&dirs, "/etc/nvbind");
    nvb_strv_add(&dirs, data);
    return dirs;
}

char *nvb_catalog_dup_own_path(const char *name)
{
    nvb_autofree char *config = nvb_dir_dup_config();

    return nvb_xasprintf("%s/profiles/%s%s", config, name, suffix);
}

/* A folder that cannot be listed only hides its own profiles. */
static void add_files(const char *dir, struct nvb_strv *names)
{
    nvb_autofree char *path = nvb_xasprintf("%s/profiles", dir);
    nvb_autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv files = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0 || !nvb_list_in_root(fd, ".", &files, &err))
        return;
    for (size_t i = 0; i < files.n; i++) {
        nvb_autofree char *name = NULL;

        if (!nvb_has_suffix(files.items[i], suffix))
            continue;
        name = nvb_xstrndup(files.items[i], strlen(files.items[i]) - strlen(suffix));
        if (nvb_catalog_is_name(name) && !nvb_strv_has(names, name))
            nvb_strv_add(names, name);
    }
}

/* So does a configuration that cannot be read. */
static void add_tables(const char *dir, struct nvb_strv *names)
{
    nvb_autofree char *path = nvb_config_dup_path(dir);
    nvb_autoptr(nvb_toml) doc = NULL;
    nvb_auto_err err = { 0 };

    if (access(path, F_OK) < 0 || !nvb_toml_read_file(path, &doc, &err))
        return;
    for (const struct nvb_config_shelf *s = nvb_config_shelves; s->profiles; s++) {
        const struct nvb_toml_value *tables = nvb_config_get_profiles(doc, s);

        for (size_t i = 0; tables && i < tables->table.n; i++) {
            const char *name = tables->table.keys[i];

            if (strlen(name) == tables->table.key_lens[i] && nvb_catalog_is_name(name) &&
                !nvb_strv_has(names, name))
                nvb_strv_add(names, name);
        }
    }
}

char **nvb_profile_list(void)
{
    nvb_auto_strv dirs = search_path();
    struct nvb_strv names = { 0 };

    for (size_t i = 0; i < dirs.n; i++) {
        add_files(dirs.items[i], &names);
        add_tables(dirs.items[i], &names);
    }
    if (names.n == 0)
        return nvb_xcalloc(1, sizeof(*names.items));
    nvb_strv_sort(&names);
    return names.items;
}

static bool fail_not_found(const char *name, struct nvb_err *err)
{
    struct nvb_strv names = { .items = nvb_profile_list() };
    const char *near = nvb_nearest(name, (const char *const *)names.items);
    nvb_autofree char *list = NULL;

    while (names.items[names.n])
        names.n++;
    list = nvb_strv_join(&names, ", ");
    nvb_fail(err, NVB_D_PROFILE, NVB_E_NOT_FOUND, "no profile '%s'", name);
    if (near) {
        nvb_hint(err, "did you mean '%s'?", near);
    } else if (names.n > 0) {
        nvb_hint(err, "use one of: %s", list);
    } else {
        nvb_hint(err, "no profiles are installed; write your own to ~/.config/nvbind/profiles");
    }
    nvb_strv_clear(&names);
    return false;
}

/* False with err untouched when there is no such file. */
static bool open_document(const char *path, struct nvb_toml **out_doc, struct nvb_err *err)
{
    nvb_auto_err own = { 0 };

    if (nvb_toml_read_file(path, out_doc, &own))
        return true;
    if (own.sys_errno != ENOENT && own.sys_errno != ENOTDIR) {
        *err = own; /* moved: what is there but broken must not hide behind another */
        own = (struct nvb_err){ 0 };
    }
    return false;
}

static bool
find_file(const char *dir, const char *name, struct nvb_catalog_entry *out, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/profiles/%s%s", dir, name, suffix);

    if (!open_document(path, &out->doc, err))
        return false;
    out->path = nvb_steal(&path);
    out->table = nvb_toml_root(out->doc);
    return true;
}

static bool
find_table(const char *dir, const char *name, struct nvb_catalog_entry *out, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_config_dup_path(dir);
    nvb_autoptr(nvb_toml) doc = NULL;

    if (!open_document(path, &doc, err))
        return false;
    for (const struct nvb_config_shelf *s = nvb_config_shelves; s->profiles; s++) {
        const struct nvb_toml_value *table = nvb_toml_get(nvb_config_get_profiles(doc, s), name);

        if (table && table->type == NVB_TOML_TABLE) {
            out->path = nvb_steal(&path);
            out->shelf = s;
            out->doc = nvb_steal(&doc);
            out->table = table;
            return true;
        }
    }
    return false;
}

bool nvb_catalog_find(const char *name, struct nvb_catalog_entry *out, struct nvb_err *err)
{
    nvb_auto_strv dirs = search_path();
    nvb_auto_err own = { 0 };

    if (!nvb_catalog_check_name(name, err))
        return false;
    for (size_t i = 0; i < dirs.n; i++) {
        if (find_file(dirs.items[i], name, out, &own) ||
            (own.n_lines == 0 && find_table(dirs.items[i], name, out, &own))) {
            out->is_own = i == 0;
            return true;
        }
        if (own.n_lines > 0) {
            *err = own; /* moved */
            own = (struct nvb_err){ 0 };
            return nvb_while(err, "cannot read profile '%s'", name);
        }
    }
    return fail_not_found(name, err);
}

/* What a table of config.toml is written over stands in a file: no table is below a table. */
static bool read_base(const char *name, struct nvb_profile *profile, struct nvb_err *err)
{
    nvb_auto_strv dirs = search_path();
    struct nvb_setting_place place = { .layer = NVB_LAYER_DEFAULT };

    for (size_t i = 0; i < dirs.n; i++) {
        nvb_auto_catalog_entry entry = { 0 };
        nvb_auto_err own = { 0 };

        if (find_file(dirs.items[i], name, &entry, &own)) {
            place.source = entry.path;
            return nvb_settings_read(entry.doc, entry.table, &place, profile, err);
        }
        if (own.n_lines > 0) {
            *err = own; /* moved */
            own = (struct nvb_err){ 0 };
            return false;
        }
    }
    return true;
}

bool nvb_catalog_read(const char *name, struct nvb_profile **out_profile, struct nvb_err *err)
{
    struct nvb_setting_place place = { .layer = NVB_LAYER_PROFILE };
    nvb_auto_catalog_entry entry = { 0 };
    nvb_autoptr(nvb_profile) profile = NULL;

    if (!nvb_catalog_find(name, &entry, err))
        return false;
    place.source = entry.path;
    profile = nvb_profile_new(name, entry.path);
    if ((entry.shelf && !read_base(entry.shelf->base, profile, err)) ||
        !nvb_settings_read(entry.doc, entry.table, &place, profile, err))
        return nvb_while(err, "cannot read profile '%s'", name);
    *out_profile = nvb_steal(&profile);
    return true;
}
