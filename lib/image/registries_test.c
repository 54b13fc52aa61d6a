/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/registries.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "tree.h"

static bool read_text(const char *text, struct nvb_registries *out, struct nvb_err *err)
{
    nvb_autoptr(nvb_toml) doc = NULL;

    EXPECT(nvb_toml_parse(text, strlen(text), "config.toml", &doc, err));
    return nvb_registries_read(doc, out, err);
}

TEST(reads_every_key)
{
    nvb_auto_registries r = { 0 };
    nvb_auto_err err = { 0 };
    const struct nvb_registry *hub = NULL;

    EXPECT(read_text("[pull]\nregistry = 'quay.io'\nparallel = 5\nconnect-timeout = 7\n"
                     "stall-timeout = 8\nretries = 0\n"
                     "[registries.'docker.io']\nmirrors = ['m.example/hub', "
                     "'http://localhost:5000', 'https://[::1]:5000']\nca = '/x.crt'\n"
                     "[registries.'reg.lan:5000']\ninsecure = true\n"
                     "[elsewhere]\nkey = 1\n",
                     &r, &err));
    EXPECT_STR(r.short_registry, "quay.io");
    EXPECT(r.n_parallel == 5 && r.connect_s == 7 && r.stall_s == 8 && r.n_retries == 1);
    hub = nvb_registries_get(&r, "docker.io");
    EXPECT(hub && hub->mirrors.n == 3 && !hub->is_insecure);
    EXPECT_STR(hub->mirrors.items[1], "http://localhost:5000");
    EXPECT_STR(hub->ca, "/x.crt");
    EXPECT(nvb_registries_get(&r, "reg.lan:5000")->is_insecure);
    EXPECT(nvb_registries_get(&r, "reg.lan") == NULL);
}

TEST(a_later_file_wins_key_by_key)
{
    nvb_auto_registries r = { 0 };
    nvb_auto_err err = { 0 };
    const struct nvb_registry *one = NULL;

    EXPECT(read_text("[pull]\nparallel = 5\nretries = 2\n[registries.'a.example']\n"
                     "mirrors = ['m.example']\ninsecure = true\nca = '/a'\n",
                     &r, &err));
    EXPECT(read_text("[pull]\nparallel = 2\n[registries.'a.example']\nmirrors = []\n", &r, &err));
    one = nvb_registries_get(&r, "a.example");
    EXPECT(r.n == 1 && r.n_parallel == 2 && r.n_retries == 3);
    EXPECT(one->mirrors.n == 0 && one->is_insecure);
    EXPECT_STR(one->ca, "/a");
}

TEST(says_where_a_file_is_wrong)
{
    static const char *const texts[] = {
        "pull = 1",
        "[pull]\nregistry = 1",
        "[pull]\nregistry = 'a b'",
        "[pull]\nregistry = 'https://docker.io'",
        "[pull]\nregistry = \"docker.io\\u0000x\"",
        "[pull]\nparallel = 0",
        "[pull]\nparallel = 1000",
        "[pull]\nretries = -1",
        "[pull]\nstall-timeout = '3s'",
        "[pull]\nparalel = 3",
        "registries = []",
        "[registries]\n'docker.io' = 1",
        "[registries.docker.io]\ninsecure = true", /* two keys, not one */
        "[registries.'http://x.example']\ninsecure = true",
        "[registries.'x.example/y']\ninsecure = true",
        "[registries.'x.example']\nmirrors = 'm.example'",
        "[registries.'x.example']\nmirrors = [1]",
        "[registries.'x.example']\nmirrors = ['ftp://m.example']",
        "[registries.'x.example']\nmirrors = ['ann:pw@m.example']",
        "[registries.'x.example']\nmirrors = ['m.example/']",
        "[registries.'x.example']\nca = 'own.crt'",
        "[registries.'x.example']\ninsecure = 'yes'",
        "[registries.'x.example']\nskip-verify = true",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_auto_registries r = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!read_text(texts[i], &r, &err));
        EXPECT(nvb_has_prefix(err.lines[0], "config.toml:") && err.kind == NVB_E_INVALID);
    }
}

TEST(the_users_file_is_read)
{
    const char *tree = tree_new();
    nvb_auto_registries r = { 0 };
    nvb_auto_registries none = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(setenv("XDG_CONFIG_HOME", tree, 1) == 0);
    EXPECT(nvb_registries_load(&none, &err));
    tree_put(tree, "nvbind/config.toml", "[pull]\nstall-timeout = 77\n");
    EXPECT(nvb_registries_load(&r, &err));
    EXPECT(r.stall_s == 77);
}

static void expect_name(const char *short_registry, const char *text, const char *want)
{
    nvb_autofree char *copy = short_registry ? nvb_xstrdup(short_registry) : NULL;
    const struct nvb_registries r = { .short_registry = copy };
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *full = NULL;

    EXPECT(nvb_registries_parse_name(&r, text, &reference, &err));
    full = nvb_reference_dup_text(&reference);
    EXPECT_STR(full, want);
}

TEST(short_names_live_where_the_configuration_says)
{
    expect_name(NULL, "ubuntu", "docker.io/library/ubuntu:latest");
    expect_name("docker.io", "ubuntu", "docker.io/library/ubuntu:latest");
    expect_name("quay.io", "ubuntu:24.04", "quay.io/ubuntu:24.04");
    expect_name("quay.io", "group/x", "quay.io/group/x:latest");
    expect_name("quay.io", "docker.io/ubuntu", "docker.io/library/ubuntu:latest");
    expect_name("quay.io", "index.docker.io/library/ubuntu", "docker.io/library/ubuntu:latest");
    expect_name("quay.io", "ghcr.io/a/b", "ghcr.io/a/b:latest");
    expect_name("localhost:5000", "a", "localhost:5000/a:latest");
}
