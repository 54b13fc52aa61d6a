/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/dirs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "test.h"
#include "tree.h"

enum {
    SOME_UID = 54321, /* of nobody */
};

static void expect_dir(char *take_got, const char *want)
{
    nvb_autofree char *got = take_got;

    EXPECT_STR(got, want);
}

static void clear_variables(void)
{
    static const char *const names[] = {
        "NVBIND_DATA",    "NVBIND_LIBDIR",   "NVBIND_STORE",  "NVBIND_RUN",
        "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unsetenv(names[i]);
    (void)setenv("HOME", "/home/u", 1);
}

static void become_user(void)
{
    clear_variables();
    if (geteuid() == 0)
        EXPECT(setuid(SOME_UID) == 0);
}

TEST(finds_the_data_of_the_build_tree)
{
    nvb_autofree char *self = realpath("/proc/self/exe", NULL);
    nvb_autofree char *want = NULL;

    clear_variables();
    EXPECT(self != NULL);
    for (int i = 0; i < 2; i++) { /* the program's name, then tests/ */
        char *slash = self ? strrchr(self, '/') : NULL;

        EXPECT(slash != NULL);
        if (slash)
            *slash = '\0';
    }
    want = nvb_xasprintf("%s/data", self);
    expect_dir(nvb_dir_dup_data(), want);
    free(want);
    want = nvb_xasprintf("%s/layer", self);
    expect_dir(nvb_dir_dup_lib(), want);
}

/* This program, copied to a prefix, tells where it would look. */
TEST(finds_the_data_beside_an_installed_program)
{
    const char *prefix = tree_new();
    nvb_autofree char *command = NULL;
    char line[PATH_MAX] = "";
    FILE *answer = NULL;

    if (getenv("DIRS_TEST_TELL")) {
        nvb_autofree char *data = nvb_dir_dup_data();
        nvb_autofree char *lib = nvb_dir_dup_lib();
        nvb_autofree char *libexec = nvb_dir_dup_libexec();

        printf("# %s %s %s\n", data, lib, libexec);
        return;
    }
    clear_variables();
    command = nvb_xasprintf("set -e; mkdir %s/bin; cp /proc/%d/exe %s/bin/x; DIRS_TEST_TELL=1 "
                            "%s/bin/x beside_an_installed",
                            prefix, (int)getpid(), prefix, prefix);
    answer = popen(command, "r"); // NOLINT(cert-env33-c): a path of our own
    EXPECT(answer && fgets(line, sizeof(line), answer));
    while (fgetc(answer) != EOF)
        continue;
    EXPECT(pclose(answer) == 0);
    free(command);
    command = nvb_xasprintf("# %s/share/nvbind %s/lib/nvbind %s/libexec/nvbind\n", prefix, prefix,
                            prefix);
    EXPECT_STR(line, command);
}

TEST(obeys_its_own_variables)
{
    clear_variables();
    (void)setenv("NVBIND_DATA", "/d", 1);
    (void)setenv("NVBIND_LIBDIR", "/l", 1);
    (void)setenv("NVBIND_LIBEXECDIR", "/x", 1);
    (void)setenv("NVBIND_STORE", "/s", 1);
    EXPECT(chdir("/proc") == 0);
    (void)setenv("NVBIND_RUN", "self", 1);
    expect_dir(nvb_dir_dup_data(), "/d");
    expect_dir(nvb_dir_dup_lib(), "/l");
    expect_dir(nvb_dir_dup_libexec(), "/x");
    expect_dir(nvb_dir_dup_store(), "/s");
    expect_dir(nvb_dir_dup_run(), "/proc/self");
}

TEST(keeps_the_state_of_a_user_in_the_home)
{
    become_user();
    expect_dir(nvb_dir_dup_config(), "/home/u/.config/nvbind");
    expect_dir(nvb_dir_dup_cache(), "/home/u/.cache/nvbind");
    expect_dir(nvb_dir_dup_store(), "/home/u/.local/share/nvbind");
    (void)setenv("XDG_CONFIG_HOME", "/c", 1);
    (void)setenv("XDG_CACHE_HOME", "/k", 1);
    (void)setenv("XDG_DATA_HOME", "/d", 1);
    (void)setenv("XDG_RUNTIME_DIR", "/r", 1);
    expect_dir(nvb_dir_dup_config(), "/c/nvbind");
    expect_dir(nvb_dir_dup_cache(), "/k/nvbind");
    expect_dir(nvb_dir_dup_store(), "/d/nvbind");
    expect_dir(nvb_dir_dup_run(), "/r/nvbind");
}

TEST(ignores_relative_directories)
{
    become_user();
    (void)setenv("XDG_CONFIG_HOME", "c", 1);
    (void)setenv("XDG_RUNTIME_DIR", "", 1);
    expect_dir(nvb_dir_dup_config(), "/home/u/.config/nvbind");
    if (access("/run/user/54321", F_OK) != 0 && geteuid() == SOME_UID)
        expect_dir(nvb_dir_dup_run(), "/home/u/.local/share/nvbind/run");
    (void)setenv("HOME", "", 1);
    if (geteuid() == SOME_UID)
        expect_dir(nvb_dir_dup_config(), "/.config/nvbind");
}

TEST(keeps_the_state_of_root_in_var)
{
    clear_variables();
    if (geteuid() != 0)
        SKIP("not root");
    (void)setenv("XDG_RUNTIME_DIR", "/r", 1);
    (void)setenv("XDG_DATA_HOME", "/d", 1);
    expect_dir(nvb_dir_dup_cache(), "/var/cache/nvbind");
    expect_dir(nvb_dir_dup_store(), "/var/lib/nvbind");
    expect_dir(nvb_dir_dup_run(), "/run/nvbind");
    expect_dir(nvb_dir_dup_config(), "/home/u/.config/nvbind");
}
