/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "blob.h"

#include <string.h>

#include "server.h"
#include "test.h"

#define PING                                                        \
    {                                                               \
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", SERVER_KEEP \
    }
#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* A blob of these ten bytes. */
static const char whole[] = "0123456789";

struct set {
    struct server server;
    struct registry registry;
    struct blob blob;
    struct nvb_buf got;
    struct nvb_err err;
};

/* Read the blob from its byte `at` on; the answers come behind a ping's. */
static bool fetch(struct set *set, const struct server_answer *answers, size_t n, uint64_t at)
{
    const struct nvb_registries configured = { .connect_s = 5, .stall_s = 1, .n_retries = 3 };
    struct nvb_reference reference = { .repository = nvb_xstrdup("a/b") };
    nvb_autoptr(http) http = NULL;
    const void *bytes = NULL;
    size_t len = 0;
    bool ok = false;

    server_start(&set->server, answers, n);
    reference.registry = nvb_xasprintf("127.0.0.1:%u", set->server.port);
    registry_init(&set->registry, &configured, &reference);
    set->registry.backoff_ms = 5;
    http = http_new(&set->registry.http);
    blob_init(&set->blob, &set->registry, http, "sha256:d", strlen(whole), "layer 1 of x");
    set->blob.at = at;
    nvb_buf_add(&set->got, whole, (size_t)at);
    while ((ok = blob_next(&set->blob, &bytes, &len, &set->err)) && len > 0)
        nvb_buf_add(&set->got, bytes, len);
    nvb_buf_add(&set->got, "", 0);
    http_free(nvb_steal(&http));
    server_end(&set->server);
    registry_clear(&set->registry);
    nvb_reference_clear(&reference);
    return ok;
}

static bool asked(const struct set *set, size_t i, const char *piece)
{
    return strstr(set->server.asked[i], piece) != NULL;
}

TEST(reads_all)
{
    static const struct server_answer answers[] = {
        PING, {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", SERVER_KEEP}
    };
    static struct set set;

    EXPECT(fetch(&set, answers, N_OF(answers), 0));
    EXPECT_STR(set.got.data, whole);
    EXPECT(asked(&set, 1, "GET /v2/a/b/blobs/sha256:d ") && !asked(&set, 1, "Range:"));
}

TEST(goes_on_where_the_connection_broke)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012",                                 SERVER_CLOSE},
        { "HTTP/1.1 206 OK\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n345",
          SERVER_CLOSE                                                                                    },
        { "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n",                                 SERVER_KEEP },
        { "HTTP/1.1 206 OK\r\nContent-Range: bytes 6-9/10\r\nContent-Length: 4\r\n\r\n6789",
          SERVER_KEEP                                                                                     },
    };
    static struct set set;

    EXPECT(fetch(&set, answers, N_OF(answers), 0));
    EXPECT_STR(set.got.data, whole);
    EXPECT(asked(&set, 2, "Range: bytes=3-\r\n") && asked(&set, 4, "Range: bytes=6-\r\n"));
}

TEST(a_registry_that_knows_no_parts_is_read_from_the_beginning)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123",        SERVER_CLOSE},
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", SERVER_KEEP },
    };
    static struct set set;

    EXPECT(fetch(&set, answers, N_OF(answers), 0));
    EXPECT_STR(set.got.data, whole);
}

TEST(begins_where_an_earlier_download_ended)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 206 OK\r\nContent-Range: bytes 8-9/10\r\nContent-Length: 2\r\n\r\n89",
          SERVER_KEEP},
    };
    static struct set set;

    EXPECT(fetch(&set, answers, N_OF(answers), 8));
    EXPECT_STR(set.got.data, whole);
    EXPECT(asked(&set, 1, "Range: bytes=8-\r\n"));
}

TEST(all_that_is_there_already_is_not_asked_for)
{
    static const struct server_answer answers[] = { PING };
    static struct set set;

    EXPECT(fetch(&set, answers, N_OF(answers), 10));
    EXPECT(set.server.n_asked == 0);
}

TEST(lies_about_the_size_are_told)
{
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n012345678",
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789x",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>",
        "HTTP/1.1 206 OK\r\nContent-Range: bytes 1-10/10\r\nContent-Length: 10\r\n\r\n1234567890",
        "HTTP/1.1 206 OK\r\nContent-Length: 9\r\n\r\n012345678",
        "HTTP/1.1 200 OK\r\n\r\n012345678",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789x\r\n0\r\n\r\n",
    };
    static struct set sets[N_OF(texts)];

    for (size_t i = 0; i < N_OF(texts); i++) {
        const struct server_answer answers[] = {
            PING, {texts[i], SERVER_CLOSE}
        };

        EXPECT(!fetch(&sets[i], answers, N_OF(answers), 0));
        EXPECT(strstr(sets[i].err.lines[0], "layer 1 of x") && sets[i].server.n_asked == 2);
        EXPECT(!sets[i].blob.has_failed); /* not the network's fault */
        EXPECT(sets[i].got.len <= 10);
    }
}

TEST(patience_ends_without_progress)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0",                                      SERVER_CLOSE},
        { "HTTP/1.1 206 OK\r\nContent-Range: bytes 1-9/10\r\nContent-Length: 9\r\n\r\n1",
          SERVER_CLOSE                                                                                       },
        { "HTTP/1.1 206 OK\r\nContent-Range: bytes 2-9/10\r\nContent-Length: 8\r\n\r\n2",
          SERVER_CLOSE                                                                                       },
        { "HTTP/1.1 206 OK\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n3456789",
          SERVER_KEEP                                                                                        },
    };
    static struct set set;

    EXPECT(!fetch(&set, answers, N_OF(answers), 0));
    EXPECT(set.server.n_asked == 4 && set.blob.has_failed && set.blob.at == 3);
}

TEST(a_blob_that_is_not_there_is_told)
{
    static const struct server_answer answers[] = {
        PING, {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", SERVER_KEEP}
    };
    static struct set set;

    EXPECT(!fetch(&set, answers, N_OF(answers), 0));
    EXPECT(strstr(set.err.lines[0], "does not have 'layer 1 of x'"));
}
