/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/request.h"

#include <string.h>

#include "base/json.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

TEST(reads_volumes)
{
    static const struct {
        const char *text;
        const char *source;
        const char *destination;
        bool is_ro;
    } rows[] = {
        {"/a:/b",             "/a",          "/b",      false},
        { "/a:/b:ro",         "/a",          "/b",      true },
        { "/a:/b:rw",         "/a",          "/b",      false},
        { "/:/host:ro",       "/",           "/host",   true },
        { "/with space:/d e", "/with space", "/d e",    false},
        { "/a:/b/../c",       "/a",          "/b/../c", false},
        { "/a:/...",          "/a",          "/...",    false},
    };

    nvb_autoptr(nvb_request) r = nvb_request_new();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(nvb_request_add_volume(r, rows[i].text, &err));
        EXPECT(r->n_volumes == i + 1);
        EXPECT_STR(r->volumes[i].source, rows[i].source);
        EXPECT_STR(r->volumes[i].destination, rows[i].destination);
        EXPECT(r->volumes[i].is_ro == rows[i].is_ro);
    }
}

TEST(refuses_volumes_and_says_how_to_write_one)
{
    static const char *const bad[] = {
        "",
        ":",
        "/a",
        "/a:",
        ":/b",
        "a:/b",
        "/a:b",
        "./a:/b",
        "/a:/b:",
        "/a:/b:RO",
        "/a:/b:z",
        "/a:/b:ro:x",
        "/a:/b:ro,z",
        "/a:/",
        "/a://",
        "/a:/.",
        "/a:/..",
        "/a:/../..",
        "/a:/b/..",
        "/a:/b/../.",
        "/a:/./b/../../c/..",
        "/a:/b/c/../..",
    };
    nvb_autoptr(nvb_request) r = nvb_request_new();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_request_add_volume(r, bad[i], &err));
        EXPECT(err.kind == NVB_E_INVALID && err.domain == NVB_D_REQUEST && err.hint);
        EXPECT(r->n_volumes == 0);
    }
}

TEST(reads_variables)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err err = { 0 };

    EXPECT(setenv("NVBIND_TEST_PASSED", "on=1", 1) == 0 && unsetenv("NVBIND_TEST_ABSENT") == 0);
    EXPECT(nvb_request_add_env(r, "A=b", &err) && nvb_request_add_env(r, "EMPTY=", &err));
    EXPECT(nvb_request_add_env(r, "TWO=x=y z\n", &err));
    EXPECT(nvb_request_add_env(r, "NVBIND_TEST_PASSED", &err));
    EXPECT(r->n_env == 4 && r->env[4] == NULL);
    EXPECT_STR(r->env[1], "EMPTY=");
    EXPECT_STR(r->env[2], "TWO=x=y z\n");
    EXPECT_STR(r->env[3], "NVBIND_TEST_PASSED=on=1");
    EXPECT(!nvb_request_add_env(r, "NVBIND_TEST_ABSENT", &err) && err.kind == NVB_E_NOT_FOUND);
    nvb_err_clear(&err);
    EXPECT(!nvb_request_add_env(r, "=x", &err) && err.kind == NVB_E_INVALID && err.hint);
    nvb_err_clear(&err);
    EXPECT(!nvb_request_add_env(r, "", &err) && err.kind == NVB_E_INVALID);
    EXPECT(r->n_env == 4);
}

TEST(tells_everything_but_values)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    r->image = nvb_xstrdup("host");
    r->memory_bytes = UINT64_MAX;
    r->cpu_millis = 1250;
    EXPECT(nvb_request_add_env(r, "TOKEN=hunter2", &err));
    EXPECT(nvb_request_add_volume(r, "/a:/b:ro", &err));
    nvb_request_add_gpu(r, "0");
    nvb_request_add_gpu(r, "GPU-1");
    text = nvb_request_to_json_text(r);
    EXPECT(strstr(text, "TOKEN") && !strstr(text, "hunter2"));
    EXPECT(nvb_json_parse(text, strlen(text), "request", &json, &err));
    EXPECT(nvb_json_length(nvb_json_get(json, "gpus")) == 2);
    EXPECT_STR(nvb_json_str(nvb_json_at(nvb_json_get(json, "env_names"), 0)), "TOKEN");
    EXPECT(strstr(text, "\"memory_bytes\": 18446744073709551615"));
    EXPECT(strstr(text, "\"cpus\": 1.25"));
}

TEST(an_empty_request_can_be_told_and_freed)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_autofree char *text = nvb_request_to_json_text(r);

    EXPECT(strstr(text, "\"image\": null"));
    nvb_request_free(NULL);
}

TEST(reads_restart_policies)
{
    static const struct {
        const char *text;
        enum nvb_restart restart;
        unsigned max;
    } rows[] = {
        {"no",              NVB_RESTART_NO,             0},
        { "on-failure",     NVB_RESTART_ON_FAILURE,     0},
        { "on-failure:3",   NVB_RESTART_ON_FAILURE,     3},
        { "always",         NVB_RESTART_ALWAYS,         0},
        { "unless-stopped", NVB_RESTART_UNLESS_STOPPED, 0},
    };

    static const char *const bad[] = {
        "", "yes", "always:3", "on-failure:", "on-failure:x", "on-failure:-1"
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_request) r = nvb_request_new();
        nvb_auto_err err = { 0 };

        EXPECT(nvb_request_set_restart(r, rows[i].text, &err));
        EXPECT(r->restart == rows[i].restart && r->restart_max == rows[i].max);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autoptr(nvb_request) r = nvb_request_new();
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_request_set_restart(r, bad[i], &err));
        EXPECT(err.kind == NVB_E_INVALID && err.hint);
    }
}

TEST(a_name_is_neither_a_path_nor_an_id)
{
    static const char *const good[] = { "a", "web-1", "A.b_c", "0", "0123456789ab0", "deadbeef" };
    static const char *const bad[] = { "",    ".",   "..",          "-a",          "_a",
                                       "a/b", "a b", "caf\xc3\xa9", "0123456789ab" };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        nvb_autoptr(nvb_request) r = nvb_request_new();
        nvb_auto_err err = { 0 };

        EXPECT(nvb_request_set_name(r, good[i], &err));
        EXPECT_STR(r->name, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autoptr(nvb_request) r = nvb_request_new();
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_request_set_name(r, bad[i], &err));
        EXPECT(err.kind == NVB_E_INVALID && err.hint && !r->name);
    }
}

static bool add_file(struct nvb_request *r, const char *text, struct nvb_err *err)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/env", tree);

    tree_put(tree, "env", text);
    return nvb_request_add_env_file(r, path, err);
}

TEST(a_file_of_variables_is_read_as_docker_reads_it)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err err = { 0 };

    (void)setenv("NVBIND_TEST_SET", "here", 1);
    (void)unsetenv("NVBIND_TEST_UNSET");
    EXPECT(add_file(r,
                    "\xef\xbb\xbf# words\n\n  A=1\nB=\"two words\" # three\r\nC=\n\t#\n"
                    "NVBIND_TEST_SET\nNVBIND_TEST_UNSET\nD=e=f",
                    &err));
    EXPECT(r->n_env == 5);
    EXPECT_STR(r->env[0], "A=1");
    EXPECT_STR(r->env[1], "B=\"two words\" # three");
    EXPECT_STR(r->env[2], "C=");
    EXPECT_STR(r->env[3], "NVBIND_TEST_SET=here");
    EXPECT_STR(r->env[4], "D=e=f");
}

TEST(a_bad_line_of_variables_is_named)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err blank = { 0 };
    nvb_auto_err nameless = { 0 };
    nvb_auto_err absent = { 0 };

    EXPECT(!add_file(r, "A=1\nB C=2\n", &blank) && strstr(blank.lines[1], "line 2 of"));
    EXPECT_STR(blank.lines[0], "'B C=2' is not a variable");
    EXPECT(!add_file(r, "=x\n", &nameless) && nameless.kind == NVB_E_INVALID);
    EXPECT(!nvb_request_add_env_file(r, "/no/such/file", &absent));
}

TEST(capabilities_are_checked_by_name)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_err err = { 0 };

    EXPECT(nvb_request_add_capability(r, "net_admin", &err) &&
           nvb_request_add_capability(r, "ALL", &err) &&
           nvb_request_drop_capability(r, "CAP_CHOWN", &err));
    EXPECT(r->n_added_caps == 2 && r->n_dropped_caps == 1);
    EXPECT(!nvb_request_drop_capability(r, "CHOWM", &err) && r->n_dropped_caps == 1);
    EXPECT_STR(err.hint, "did you mean 'CHOWN'?");
}
