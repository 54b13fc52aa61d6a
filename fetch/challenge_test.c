/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "challenge.h"

#include <string.h>

#include "test.h"

static void read_headers(struct challenge *out, const char *first, const char *second)
{
    nvb_auto_strv headers = { 0 };

    nvb_strv_add(&headers, first);
    if (second)
        nvb_strv_add(&headers, second);
    challenge_read(&headers, out);
}

TEST(reads_what_docker_hub_sends)
{
    auto_challenge c = { 0 };

    read_headers(&c,
                 "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
                 "scope=\"repository:library/ubuntu:pull\"",
                 NULL);
    EXPECT(c.scheme == CHALLENGE_BEARER);
    EXPECT_STR(c.realm, "https://auth.docker.io/token");
    EXPECT_STR(c.service, "registry.docker.io");
    EXPECT_STR(c.scope, "repository:library/ubuntu:pull");
    EXPECT(c.error == NULL);
}

TEST(reads_every_spelling)
{
    static const char *const forms[] = {
        "bearer REALM=\"https://r/t\" , service=\"s\"",
        "Bearer realm=https://r/t,service=s",
        "Bearer realm = \"https://r/t\",\tservice = s",
        "Basic realm=\"x\", Bearer realm=\"https://r/t\", service=\"s\"",
        "Bearer realm=\"https://r/t\", service=\"s\", Basic realm=\"x\"",
        "Negotiate abc==, Bearer realm=\"https:\\//r/t\",service=\"s\"",
        ",, Bearer service=\"s\",,realm=\"https://r/t\",realm=\"https://second/\",",
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        auto_challenge c = { 0 };

        read_headers(&c, forms[i], NULL);
        EXPECT(c.scheme == CHALLENGE_BEARER);
        EXPECT_STR(c.realm, "https://r/t");
        EXPECT_STR(c.service, "s");
    }
}

TEST(prefers_bearer_over_basic_among_headers)
{
    auto_challenge a = { 0 };
    auto_challenge b = { 0 };

    read_headers(&a, "Basic realm=\"x\"", "Bearer realm=\"https://r/t\"");
    EXPECT(a.scheme == CHALLENGE_BEARER && a.scope == NULL);
    read_headers(&b, "Bearer realm=\"https://r/t\"", "Basic realm=\"x\"");
    EXPECT(b.scheme == CHALLENGE_BEARER);
}

TEST(passes_over_what_it_cannot_answer)
{
    static const char *const forms[] = {
        "",
        " ",
        ",",
        "Digest realm=\"x\", nonce=\"y\"",
        "Negotiate",
        "Bearer",
        "Bearer service=\"s\"",            /* nowhere to go */
        "Bearer realm=\"https://r/t",      /* no end */
        "Bearer realm=\"https://r/t\" \"", /* something else */
        "Bearer \x01=\"https://r/t\"",
        "=",
        "Bearer =x",
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        auto_challenge c = { 0 };

        read_headers(&c, forms[i], NULL);
        EXPECT(c.scheme == CHALLENGE_NONE && c.realm == NULL && c.service == NULL);
    }
}

TEST(finds_basic)
{
    auto_challenge c = { 0 };

    read_headers(&c, "Basic realm=\"Registry, of us\"", NULL);
    EXPECT(c.scheme == CHALLENGE_BASIC);
}

TEST(a_header_of_a_megabyte_is_not_read)
{
    auto_challenge c = { 0 };
    nvb_auto_buf text = { 0 };

    nvb_buf_add_str(&text, "Bearer realm=\"https://r/");
    for (int i = 0; i < 100000; i++)
        nvb_buf_add_str(&text, "0123456789");
    nvb_buf_add_str(&text, "\"");
    read_headers(&c, text.data, NULL);
    EXPECT(c.scheme == CHALLENGE_NONE);
}
