/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "login.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

#define ANN "{\"auths\":{\"r.example\":{\"auth\":\"YW5uOnNlY3JldA==\"}}}" /* ann:secret */
#define BOB "{\"auths\":{\"r.example\":{\"auth\":\"Ym9iOng=\"}}}"         /* bob:x */

static const char *set_home(void)
{
    static const char *const others[] = { "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR",
                                          "XDG_CONFIG_HOME", "DOCKER_CONFIG" };
    const char *home = tree_new();

    EXPECT(setenv("HOME", home, 1) == 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        EXPECT(unsetenv(others[i]) == 0);
    return home;
}

static void expect_user(const char *want)
{
    auto_credential c = { 0 };
    nvb_auto_strv notes = { 0 };

    login_find("r.example", "a/b", &c, &notes);
    if (want) {
        EXPECT_STR(c.username, want);
    } else {
        EXPECT(credential_is_empty(&c));
    }
    EXPECT(notes.n == 0);
}

TEST(no_file_is_no_login)
{
    (void)set_home();
    expect_user(NULL);
}

TEST(finds_dockers_and_podmans_files)
{
    static const char *const files[] = { ".docker/config.json", ".config/containers/auth.json" };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const char *home = set_home();

        tree_put(home, files[i], ANN);
        expect_user("ann");
    }
}

TEST(variables_lead_elsewhere)
{
    static const char *const variables[][3] = {
        {"DOCKER_CONFIG",       "x",          "x/config.json"         },
        { "XDG_RUNTIME_DIR",    "x",          "x/containers/auth.json"},
        { "XDG_CONFIG_HOME",    "x",          "x/containers/auth.json"},
        { "REGISTRY_AUTH_FILE", "x/own.json", "x/own.json"            },
    };

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *home = set_home();
        nvb_autofree char *value = nvb_xasprintf("%s/%s", home, variables[i][1]);

        tree_put(home, variables[i][2], BOB);
        if (i > 0)
            tree_put(home, ".docker/config.json", ANN);
        EXPECT(setenv(variables[i][0], value, 1) == 0);
        expect_user("bob");
    }
}

TEST(a_file_without_this_registry_is_passed_over)
{
    const char *home = set_home();

    tree_put(home, ".config/containers/auth.json", "{\"auths\":{\"q.example\":{}}}");
    tree_put(home, ".docker/config.json", ANN);
    expect_user("ann");
}

TEST(what_cannot_be_read_is_noted_and_passed_over)
{
    const char *home = set_home();
    auto_credential c = { 0 };
    nvb_auto_strv notes = { 0 };

    tree_put(home, ".config/containers/auth.json", "{\"auths\":{\"r.example\":{\"auth\":\"c2Vj");
    tree_put(home, ".docker/config.json",
             "{\"credHelpers\":{\"r.example\":\"absent\"},\"auths\":{\"r.example\":{\"auth\":"
             "\"YW5uOnNlY3JldA==\"}}}");
    login_find("r.example", "a/b", &c, &notes);
    EXPECT_STR(c.username, "ann");
    EXPECT(notes.n == 2 && strstr(notes.items[0], "auth.json") && !strstr(notes.items[0], "c2Vj"));
    EXPECT(strstr(notes.items[1], "docker-credential-absent"));
}

TEST(a_helper_is_asked_before_the_file)
{
    const char *home = set_home();
    nvb_autofree char *program = nvb_xasprintf("%s/docker-credential-x", home);

    tree_put(home, "docker-credential-x",
             "#!/bin/sh\necho '{\"Username\":\"eve\",\"Secret\":\"s\"}'\n");
    EXPECT(chmod(program, 0755) == 0 && setenv("PATH", home, 1) == 0);
    tree_put(home, ".docker/config.json",
             "{\"credsStore\":\"x\",\"auths\":{\"r.example\":{\"auth\":\"YW5uOnNlY3JldA==\"}}}");
    expect_user("eve");
}

/* Of the heap; the needle is put together so that it is nowhere else. */
static bool is_in_heap(const char *needle)
{
    nvb_autofree char *maps = NULL;
    nvb_auto_err err = { 0 };
    unsigned long begin = 0;
    unsigned long end = 0;
    char *line = NULL;

    EXPECT(nvb_read_file(AT_FDCWD, "/proc/self/maps", 1 << 20, &maps, NULL, &err));
    line = strstr(maps, "[heap]");
    if (!line)
        SKIP("this allocator has no [heap]");
    while (line > maps && line[-1] != '\n')
        line--;
    EXPECT(sscanf(line, "%lx-%lx", &begin, &end) == 2);
    return memmem((const void *)begin, end - begin, needle, strlen(needle)); // NOLINT
}

/* What reads hostile bytes later has a copy of our memory. */
TEST(logins_for_other_registries_are_not_left_in_memory)
{
    const char *home = set_home();
    const char needle[] = { 'X', 'y', 'Z', 'z', 'Y', '\0' };
    nvb_autofree char *path = nvb_xasprintf("%s/.docker/config.json", home);
    FILE *file = NULL;

    tree_put(home, ".docker/config.json", "");
    file = fopen(path, "we");
    EXPECT(file && setvbuf(file, NULL, _IONBF, 0) == 0);
    EXPECT(fprintf(file,
                   "{\"auths\":{\"other.example\":{\"username\":\"eve\",\"password\":\"%s\"},",
                   needle) > 0);
    EXPECT(fprintf(file, "\"r.example\":{\"auth\":\"YW5uOnNlY3JldA==\"}}}") > 0);
    (void)fclose(file);
    EXPECT(!is_in_heap(needle));
    expect_user("ann");
    EXPECT(!is_in_heap(needle));
}
