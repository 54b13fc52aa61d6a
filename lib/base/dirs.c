/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/dirs.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum {
    BUILD_LEVELS = 2, /* programs of a build tree stand in <builddir>/cli or .../ghostforge/app */
};

static bool is_root(void)
{
    return geteuid() == 0;
}

/* Our own variables may be relative to where the user is. */
static char *dup_override(const char *name)
{
    const char *value = getenv(name);
    nvb_autofree char *here = NULL;

    if (!value || !*value)
        return NULL;
    if (*value == '/')
        return nvb_xstrdup(value);
    here = getcwd(NULL, 0);
    return here ? nvb_xasprintf("%s/%s", strcmp(here, "/") == 0 ? "" : here, value) : NULL;
}

/* The user database is asked last: it may load modules and talk to a network. */
static char *dup_home(void)
{
    const char *home = getenv("HOME");
    const struct passwd *entry = NULL;

    if (home && *home == '/')
        return nvb_xstrdup(home);
    entry = getpwuid(geteuid()); // NOLINT(concurrency-mt-unsafe): only without HOME
    return nvb_xstrdup(entry && entry->pw_dir && *entry->pw_dir == '/' ? entry->pw_dir : "/");
}

static char *dup_xdg(const char *name, const char *below_home)
{
    const char *value = getenv(name);
    nvb_autofree char *home = NULL;

    if (value && *value == '/')
        return nvb_xasprintf("%s/nvbind", value);
    home = dup_home();
    return nvb_xasprintf("%s/%s/nvbind", strcmp(home, "/") == 0 ? "" : home, below_home);
}

static void cut_last(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash)
        *slash = '\0';
}

/* The folder of the running program; the kernel gives its path without links. A program that
 * was replaced while it runs has " (deleted)" behind its name, which goes with the name. */
static char *dup_bindir(void)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (len <= 0)
        return nvb_xstrdup("/usr/bin"); /* no /proc */
    path[len] = '\0';
    cut_last(path);
    return nvb_xstrdup(path);
}

/* The build tree that the program stands in, or NULL when it is installed. */
static char *dup_builddir(const char *bindir)
{
    nvb_autofree char *dir = nvb_xstrdup(bindir);

    for (int i = 0; i < BUILD_LEVELS && *dir; i++) {
        nvb_autofree char *mark = NULL;

        cut_last(dir);
        mark = nvb_xasprintf("%s/meson-private", dir);
        if (access(mark, F_OK) == 0)
            return nvb_steal(&dir);
    }
    return NULL;
}

static char *dup_beside(const char *variable, const char *installed, const char *built)
{
    char *override = dup_override(variable);
    nvb_autofree char *bindir = NULL;
    nvb_autofree char *builddir = NULL;

    if (override)
        return override;
    bindir = dup_bindir();
    builddir = dup_builddir(bindir);
    if (builddir)
        return nvb_xasprintf("%s/%s", builddir, built);
    cut_last(bindir);
    return nvb_xasprintf("%s/%s", bindir, installed);
}

char *nvb_dir_dup_data(void)
{
    return dup_beside("NVBIND_DATA", "share/nvbind", "data");
}

char *nvb_dir_dup_lib(void)
{
    return dup_beside("NVBIND_LIBDIR", "lib/nvbind", "layer");
}

char *nvb_dir_dup_libexec(void)
{
    return dup_beside("NVBIND_LIBEXECDIR", "libexec/nvbind", "fetch");
}

char *nvb_dir_dup_supervisor(void)
{
    return dup_beside("NVBIND_LIBEXECDIR", "libexec/nvbind", "supervisor");
}

char *nvb_dir_dup_config(void)
{
    return dup_xdg("XDG_CONFIG_HOME", ".config");
}

char *nvb_dir_dup_cache(void)
{
    return is_root() ? nvb_xstrdup("/var/cache/nvbind") : dup_xdg("XDG_CACHE_HOME", ".cache");
}

char *nvb_dir_dup_store(void)
{
    char *override = dup_override("NVBIND_STORE");

    if (override)
        return override;
    return is_root() ? nvb_xstrdup("/var/lib/nvbind") : dup_xdg("XDG_DATA_HOME", ".local/share");
}

/* Without a login session there is no runtime directory; /tmp is everyone's, so it is the
 * user's own state directory then. */
char *nvb_dir_dup_run(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char *override = dup_override("NVBIND_RUN");
    nvb_autofree char *login = NULL;
    nvb_autofree char *store = NULL;

    if (override)
        return override;
    if (is_root())
        return nvb_xstrdup("/run/nvbind");
    if (runtime && *runtime == '/')
        return nvb_xasprintf("%s/nvbind", runtime);
    login = nvb_xasprintf("/run/user/%u", (unsigned)geteuid());
    if (access(login, W_OK) == 0)
        return nvb_xasprintf("%s/nvbind", login);
    store = nvb_dir_dup_store();
    return nvb_xasprintf("%s/run", store);
}
