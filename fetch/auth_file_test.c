/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "auth_file.h"

#include <string.h>

#include "test.h"

/* ann:secret, bob:pass:word, <token>:refresh */
#define ANN   "YW5uOnNlY3JldA=="
#define BOB   "Ym9iOnBhc3M6d29yZA"
#define TOKEN "PHRva2VuPjpyZWZyZXNo"

static struct auth_file *parse(const char *text)
{
    struct auth_file *file = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(auth_file_parse(text, strlen(text), "auth.json", &file, &err));
    return file;
}

TEST(finds_docker_hub_below_its_old_address)
{
    nvb_autoptr(auth_file) file =
        parse("{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"" ANN "\"}}}");
    auto_credential c = { 0 };

    EXPECT(auth_file_find(file, "docker.io", "library/ubuntu", &c));
    EXPECT_STR(c.username, "ann");
    EXPECT_STR(c.password, "secret");
}

TEST(the_longest_name_wins)
{
    nvb_autoptr(auth_file) file =
        parse("{\"auths\":{\"quay.io\":{\"auth\":\"" ANN "\"},"
              "\"quay.io/group\":{\"auth\":\"" BOB "\"},\"quay\":{\"auth\":\"" TOKEN "\"}}}");
    auto_credential inner = { 0 };
    auto_credential outer = { 0 };
    auto_credential none = { 0 };

    EXPECT(auth_file_find(file, "quay.io", "group/image", &inner));
    EXPECT_STR(inner.username, "bob");
    EXPECT_STR(inner.password, "pass:word");
    EXPECT(auth_file_find(file, "quay.io", "groups/image", &outer));
    EXPECT_STR(outer.username, "ann");
    EXPECT(!auth_file_find(file, "quay.io:443", "group/image", &none));
    EXPECT(!auth_file_find(file, "evil-quay.io", "group/image", &none));
    EXPECT(credential_is_empty(&none));
}

TEST(understands_every_form_of_a_key)
{
    static const char *const keys[] = { "r.example:5000", "https://r.example:5000",
                                        "http://r.example:5000/", "https://r.example:5000/v2/",
                                        "r.example:5000/v2/" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        nvb_autofree char *text =
            nvb_xasprintf("{\"auths\":{\"%s\":{\"auth\":\"" ANN "\"}}}", keys[i]);
        nvb_autoptr(auth_file) file = parse(text);
        auto_credential c = { 0 };

        EXPECT(auth_file_find(file, "r.example:5000", "a/b", &c));
    }
}

TEST(tokens_are_no_passwords)
{
    nvb_autoptr(auth_file) file =
        parse("{\"auths\":{\"a.example\":{\"auth\":\"" TOKEN "\"},"
              "\"b.example\":{\"auth\":\"" ANN "\",\"identitytoken\":\"id\"},"
              "\"c.example\":{\"registrytoken\":\"reg\"},"
              "\"d.example\":{\"username\":\"ann\",\"password\":\"secret\"}}}");
    auto_credential a = { 0 };
    auto_credential b = { 0 };
    auto_credential c = { 0 };
    auto_credential d = { 0 };

    EXPECT(auth_file_find(file, "a.example", "x", &a));
    EXPECT(a.username == NULL);
    EXPECT_STR(a.identity_token, "refresh");
    EXPECT(auth_file_find(file, "b.example", "x", &b));
    EXPECT_STR(b.identity_token, "id");
    EXPECT(auth_file_find(file, "c.example", "x", &c));
    EXPECT_STR(c.registry_token, "reg");
    EXPECT(auth_file_find(file, "d.example", "x", &d));
    EXPECT_STR(d.password, "secret");
}

TEST(what_is_no_login_is_none)
{
    static const char text[] = "\"" ANN "\"";
    static const char *const entries[] = {
        "{}",
        "null",
        "[]",
        text,
        "{\"auth\":\"\"}",
        "{\"auth\":7}",
        "{\"auth\":\"!!!\"}",
        "{\"auth\":\"YW5u\"}",             /* ann, no colon */
        "{\"auth\":\"OnNlY3JldA==\"}",     /* no name */
        "{\"auth\":\"YW5uOgBzZWNyZXQ=\"}", /* a NUL */
        "{\"auth\":\"YW5uOnNlY3JldA==x\"}",
        "{\"auth\":\"Y\"}",
    };

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        nvb_autofree char *whole = nvb_xasprintf("{\"auths\":{\"r.example\":%s}}", entries[i]);
        nvb_autoptr(auth_file) file = parse(whole);
        auto_credential c = { 0 };

        EXPECT(!auth_file_find(file, "r.example", "x", &c));
        EXPECT(credential_is_empty(&c));
    }
}

TEST(names_the_helper_of_a_registry)
{
    nvb_autoptr(auth_file) file =
        parse("{\"credsStore\":\"desktop\",\"credHelpers\":{\"gcr.io\":\"gcr\","
              "\"https://index.docker.io/v1/\":\"pass\"}}");
    nvb_autoptr(auth_file) none = parse("{\"credHelpers\":[],\"credsStore\":3}");

    EXPECT_STR(auth_file_find_helper(file, "gcr.io"), "gcr");
    EXPECT_STR(auth_file_find_helper(file, "docker.io"), "pass");
    EXPECT_STR(auth_file_find_helper(file, "quay.io"), "desktop");
    EXPECT(auth_file_find_helper(none, "gcr.io") == NULL);
}

TEST(an_unreadable_file_is_told_without_its_words)
{
    static const char cut_off[] = "{\"auths\":{\"a\":{\"auth\":\"" ANN "\"}}";
    static const char bare[] = "{\"auths\": " ANN "}";
    static const char *const texts[] = { "", cut_off, "[]", bare };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct auth_file *file = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!auth_file_parse(texts[i], strlen(texts[i]), "auth.json", &file, &err));
        EXPECT(file == NULL && strstr(err.lines[0], "auth.json"));
        EXPECT(!strstr(err.lines[0], "YW5u"));
    }
}

TEST(a_basic_header_is_what_others_send)
{
    struct credential c = { .username = nvb_xstrdup("ann"), .password = nvb_xstrdup("secret") };
    auto_secret header = credential_dup_basic(&c);

    EXPECT_STR(header, "Basic " ANN);
    credential_clear(&c);
    EXPECT(c.username == NULL && credential_dup_basic(&c) == NULL);
}
