/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/dirs.h"
#include "base/file.h"
#include "profile/implied.h"
#include "profile/setting.h"

enum {
    NAME_LENGTH_MAX = 64,
};

static const char suffix[] = ".toml";

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

/* A name becomes a file name, so nothing that could leave the folder or hide in it. */
static bool is_name(const char *s)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(s);

    return len > 0 && len <= NAME_LENGTH_MAX && *s != '.' && strspn(s, legal) == len;
}

/* The folders with profiles; the first file of a name wins, so the user's own come first. */
static struct nvb_strv search_path(void)
{
    nvb_autofree char *config = nvb_dir_dup_config();
    nvb_autofree char *data = nvb_dir_dup_data();
    struct nvb_strv dirs = { 0 };

    nvb_strv_addf(&dirs, "%s/profiles", config);
    nvb_strv_add(&dirs, "/etc/nvbind/profiles");
    nvb_strv_addf(&dirs, "%s/profiles", data);
    return dirs;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A folder that cannot be listed only hides its own profiles. */
static void add_names(const char *dir, struct nvb_strv *names)
{
    nvb_autoclose int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv files = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0 || !nvb_list_in_root(fd, ".", &files, &err))
        return;
    for (size_t i = 0; i < files.n; i++) {
        nvb_autofree char *name = NULL;

        if (!nvb_has_suffix(files.items[i], suffix))
            continue;
        name = nvb_xstrndup(files.items[i], strlen(files.items[i]) - strlen(suffix));
        if (is_name(name) && !nvb_strv_has(names, name))
            nvb_strv_add(names, name);
    }
}

char **nvb_profile_list(void)
{
    nvb_auto_strv dirs = search_path();
    struct nvb_strv names = { 0 };

    for (size_t i = 0; i < dirs.n; i++)
        add_names(dirs.items[i], &names);
    if (names.n == 0)
        return nvb_xcalloc(1, sizeof(*names.items));
    qsort((void *)names.items, names.n, sizeof(*names.items), by_text);
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

static bool
read_toml(const char *name, const char *path, struct nvb_profile **out_profile, struct nvb_err *err)
{
    const struct nvb_setting_place place = { NVB_LAYER_PROFILE, path };
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_toml) doc = NULL;

    if (!nvb_toml_read_file(path, &doc, err))
        return false;
    profile = nvb_profile_new(name, path);
    if (!nvb_settings_read(doc, nvb_toml_root(doc), &place, profile, err))
        return false;
    nvb_implied_add(profile);
    *out_profile = nvb_steal(&profile);
    return true;
}

bool nvb_profile_load(const char *name, struct nvb_profile **out_profile, struct nvb_err *err)
{
    nvb_auto_strv dirs = search_path();

    if (!is_name(name)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a profile's name", name);
        return nvb_hint(err,
                        "a name has letters, digits, '.', '_' and '-'; see nvbind profile list");
    }
    for (size_t i = 0; i < dirs.n; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s%s", dirs.items[i], name, suffix);
        nvb_auto_err own = { 0 };

        if (read_toml(name, path, out_profile, &own))
            return true;
        if (own.sys_errno == ENOENT || own.sys_errno == ENOTDIR)
            continue;
        *err = own; /* moved: a profile that is there but broken must not hide behind another */
        own = (struct nvb_err){ 0 };
        return nvb_while(err, "cannot read profile '%s'", name);
    }
    return fail_not_found(name, err);
}

bool nvb_profile_read_file(const char *path, struct nvb_profile **out_profile, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *name = nvb_xstrdup(slash ? slash + 1 : path);

    if (nvb_has_suffix(name, suffix))
        name[strlen(name) - strlen(suffix)] = '\0';
    if (!is_name(name)) {
        nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "'%s' is not a profile's name", name);
        return nvb_hint(err, "call the file NAME.toml, of letters, digits, '.', '_' and '-'");
    }
    return read_toml(name, path, out_profile, err);
}

void nvb_profile_free(struct nvb_profile *profile)
{
    if (!profile)
        return;
    for (const struct nvb_setting *t = nvb_settings; t->key; t++) {
        if (t->type == NVB_SETTING_TEXT)
            free(*(char **)(void *)((char *)profile + t->offset));
        if (profile->origins)
            free(nvb_setting_origin(t, profile)->source);
    }
    for (size_t i = 0; i < profile->n_env; i++) {
        free(profile->env[i].name);
        free(profile->env[i].value);
        free(profile->env[i].origin.source);
    }
    free(profile->env);
    free(profile->origins);
    free(profile->game);
    free(profile->source);
    free(profile->name);
    free(profile);
}
