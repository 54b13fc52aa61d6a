/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "credential_helper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"
#include "tree.h"

/* A helper of these lines of shell, the only one in PATH. */
static void install(const char *name, const char *lines)
{
    const char *tree = tree_new();
    nvb_autofree char *file = nvb_xasprintf("docker-credential-%s", name);
    nvb_autofree char *path = nvb_xasprintf("%s/%s", tree, file);
    nvb_autofree char *text = nvb_xasprintf("#!/bin/sh\n%s\n", lines);

    tree_put(tree, file, text);
    EXPECT(chmod(path, 0755) == 0);
    EXPECT(setenv("PATH", tree, 1) == 0);
}

TEST(asks_by_the_protocol)
{
    auto_credential c = { 0 };
    nvb_auto_err err = { 0 };

    install("x", "read -r host; [ \"$1 $host\" = 'get quay.io' ] || exit 1\n"
                 "echo '{\"ServerURL\":\"quay.io\",\"Username\":\"ann\",\"Secret\":\"s3\"}'");
    EXPECT(credential_helper_get("x", "quay.io", 5000, &c, &err));
    EXPECT_STR(c.username, "ann");
    EXPECT_STR(c.password, "s3");
}

TEST(calls_docker_hub_by_its_old_address_and_knows_tokens)
{
    auto_credential c = { 0 };
    nvb_auto_err err = { 0 };

    install("x", "read -r host; [ \"$host\" = https://index.docker.io/v1/ ] || exit 1\n"
                 "echo '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'");
    EXPECT(credential_helper_get("x", "docker.io", 5000, &c, &err));
    EXPECT(c.username == NULL);
    EXPECT_STR(c.identity_token, "refresh");
}

TEST(no_login_is_no_error)
{
    auto_credential c = { 0 };
    nvb_auto_err err = { 0 };

    install("x", "echo 'credentials not found in native keychain'; exit 1");
    EXPECT(credential_helper_get("x", "quay.io", 5000, &c, &err));
    EXPECT(credential_is_empty(&c));
}

TEST(one_that_hangs_is_ended)
{
    auto_credential c = { 0 };
    nvb_auto_err err = { 0 };

    install("x", "while :; do :; done");
    EXPECT(!credential_helper_get("x", "quay.io", 200, &c, &err));
    EXPECT(strstr(err.lines[0], "did not answer") && err.hint);
}

TEST(failures_are_told_without_what_it_said)
{
    static const char *const lines[] = {
        "echo s3cret; exit 3",
        "echo '{\"Username\":\"ann\",\"Secret\":s3cret}'",
        "echo '{\"Secret\":\"s3cret\"}'",
        "echo '[\"s3cret\"]'",
        "exit 0",
        "while :; do echo 's3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret'; done",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        auto_credential c = { 0 };
        nvb_auto_err err = { 0 };

        install("x", lines[i]);
        EXPECT(!credential_helper_get("x", "quay.io", 5000, &c, &err));
        EXPECT(strstr(err.lines[0], "docker-credential-x") && !strstr(err.lines[0], "s3cret"));
        EXPECT(credential_is_empty(&c));
    }
}

TEST(an_absent_one_is_named)
{
    auto_credential c = { 0 };
    nvb_auto_err err = { 0 };

    install("x", "exit 0");
    EXPECT(!credential_helper_get("y", "quay.io", 5000, &c, &err));
    EXPECT(strstr(err.lines[0], "docker-credential-y") && err.hint);
}

TEST(a_path_is_no_helper)
{
    auto_credential c = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!credential_helper_get("../../x", "quay.io", 5000, &c, &err));
    EXPECT(!credential_helper_get("", "quay.io", 5000, &c, &err));
}
