/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "http.h"

#include <string.h>
#include <sys/eventfd.h>

#include "server.h"
#include "test.h"

static char *dup_url(const struct server *s)
{
    return nvb_xasprintf("http://127.0.0.1:%u/v2/", s->port);
}

static const struct http_options patient = { .connect_s = 5, .stall_s = 5, .stop_fd = -1 };
static const struct http_options hasty = { .connect_s = 1, .stall_s = 1, .stop_fd = -1 };

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

TEST(reads_a_reply_and_asks_as_told)
{
    static const struct server_answer answers[] = {
        {"HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
          "Docker-Content-Digest: sha256:ab\r\nContent-Length: 5\r\n\r\nhello", SERVER_KEEP},
    };
    auto_server server;
    nvb_autoptr(http) http = http_new(&patient);
    nvb_auto_buf body = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *url = NULL;

    server_start(&server, answers, N_OF(answers));
    url = dup_url(&server);
    EXPECT(http_begin(
        http,
        &(struct http_request){
            .url = url, .accept = "a/b, c/d", .authorization = "Bearer t0ken", .from = 7 },
        &err));
    EXPECT(http_get_reply(http)->status == 200 && http_get_reply(http)->length == 5);
    EXPECT_STR(http_get_reply(http)->content_type, "application/json");
    EXPECT_STR(http_get_reply(http)->digest, "sha256:ab");
    EXPECT(http_read_all(http, 5, &body, &err));
    EXPECT_STR(body.data, "hello");
    EXPECT(strstr(server.asked[0], "\r\nAccept: a/b, c/d\r\n"));
    EXPECT(strstr(server.asked[0], "\r\nAuthorization: Bearer t0ken\r\n"));
    EXPECT(strstr(server.asked[0], "\r\nRange: bytes=7-\r\n"));
    EXPECT(strstr(server.asked[0], "\r\nUser-Agent: nvbind/"));
}

TEST(a_status_is_a_reply_and_its_connection_is_used_again)
{
    static const struct server_answer answers[] = {
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
          "WWW-Authenticate: Bearer realm=\"b\"\r\nContent-Length: 2\r\n\r\nno",   SERVER_KEEP},
        { "HTTP/1.1 307 There\r\nLocation: /other?sig=secret\r\nContent-Length: 0\r\n\r\n",
         SERVER_KEEP                                                                                   },
        { "HTTP/1.1 429 Slowly\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n",            SERVER_KEEP},
        { "HTTP/1.1 206 Part\r\nContent-Range: bytes 100-104/105\r\nContent-Length: 5\r\n\r\n"
          "world",                                                                 SERVER_KEEP},
    };
    auto_server server;
    nvb_autoptr(http) http = http_new(&patient);
    nvb_auto_err err = { 0 };
    nvb_autofree char *url = NULL;
    nvb_autofree char *other = NULL;

    server_start(&server, answers, N_OF(answers));
    url = dup_url(&server);
    other = nvb_xasprintf("http://127.0.0.1:%u/other?sig=secret", server.port);
    EXPECT(http_begin(http, &(struct http_request){ .url = url }, &err));
    EXPECT(http_get_reply(http)->status == 401 && http_get_reply(http)->challenges.n == 2);
    EXPECT(http_begin(http, &(struct http_request){ .url = url }, &err));
    EXPECT_STR(http_get_reply(http)->location, other);
    EXPECT(http_begin(http, &(struct http_request){ .url = url }, &err));
    EXPECT(http_get_reply(http)->retry_after_s == 17);
    EXPECT(http_begin(http, &(struct http_request){ .url = url, .from = 100 }, &err));
    EXPECT(http_get_reply(http)->status == 206 && http_get_reply(http)->range_from == 100);
    EXPECT(server.n_connections == 1);
    EXPECT(!strstr(server.asked[1], "Authorization"));
}

/* Begin and read to the end; which fault was it? */
static enum http_fault
try(const struct http_options *options, const struct server_answer *answer, struct nvb_err *err)
{
    auto_server server;
    nvb_autoptr(http) http = http_new(options);
    nvb_auto_buf body = { 0 };
    nvb_autofree char *url = NULL;

    server_start(&server, answer, 1);
    url = dup_url(&server);
    if (http_begin(http, &(struct http_request){ .url = url }, err) &&
        http_read_all(http, 1 << 20, &body, err))
        return HTTP_FINE;
    EXPECT(err->n_lines > 0 && strstr(err->lines[0], "'127.0.0.1:"));
    return http_get_fault(http);
}

TEST(a_connection_that_breaks_is_lost)
{
    static const struct server_answer answers[] = {
        {"",                                                               SERVER_CLOSE},
        { "",                                                              SERVER_RESET},
        { "HTTP/1.1 200 OK\r\n",                                           SERVER_RESET},
        { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",              SERVER_CLOSE},
        { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",              SERVER_RESET},
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", SERVER_CLOSE},
    };

    for (size_t i = 0; i < N_OF(answers); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(try(&patient, &answers[i], &err) == HTTP_LOST);
    }
}

TEST(silence_and_a_trickle_are_stalls)
{
    static const struct server_answer answers[] = {
        {"",                                                 SERVER_SILENCE},
        { "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", SERVER_SILENCE},
        { "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", SERVER_TRICKLE},
        { "HTTP/1.1 200 OK\r\nX: ",                          SERVER_TRICKLE},
    };

    for (size_t i = 0; i < N_OF(answers); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(try(&hasty, &answers[i], &err) == HTTP_LOST);
        EXPECT(strstr(err.lines[0], "next to nothing for 1 s"));
    }
}

TEST(what_is_no_http_is_refused)
{
    static const struct server_answer answers[] = {
        {"SSH-2.0-OpenSSH_9.2\r\n",                                                 SERVER_CLOSE},
        { "\x15\x03\x01\x02\x02",                                                   SERVER_CLOSE},
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: x\r\n\r\nhello", SERVER_CLOSE},
    };

    for (size_t i = 0; i < N_OF(answers); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(try(&patient, &answers[i], &err) == HTTP_STRANGE);
    }
}

TEST(endless_headers_are_refused)
{
    nvb_auto_buf text = { 0 };
    nvb_auto_err err = { 0 };
    struct server_answer answer = { .end = SERVER_CLOSE };

    nvb_buf_add_str(&text, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 20000; i++)
        nvb_buf_addf(&text, "X-%d: y\r\n", i);
    answer.text = text.data;
    EXPECT(try(&patient, &answer, &err) == HTTP_STRANGE);
}

TEST(a_body_may_be_too_large)
{
    static const struct server_answer answers[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!", SERVER_KEEP},
    };
    auto_server server;
    nvb_autoptr(http) http = http_new(&patient);
    nvb_auto_buf body = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *url = NULL;

    server_start(&server, answers, N_OF(answers));
    url = dup_url(&server);
    EXPECT(http_begin(http, &(struct http_request){ .url = url }, &err));
    EXPECT(!http_read_all(http, 5, &body, &err));
    EXPECT(http_get_fault(http) == HTTP_STRANGE);
}

TEST(nobody_there_is_told_with_a_hint)
{
    static const char *const urls[] = { "http://127.0.0.1:1/", "http://no-such-host.invalid/" };

    for (size_t i = 0; i < N_OF(urls); i++) {
        nvb_autoptr(http) http = http_new(&patient);
        nvb_auto_err err = { 0 };

        EXPECT(!http_begin(http, &(struct http_request){ .url = urls[i] }, &err));
        EXPECT(http_get_fault(http) == HTTP_UNREACHABLE && err.hint);
    }
}

TEST(tls_where_there_is_none_is_told)
{
    static const struct server_answer answers[] = {
        {"HTTP/1.0 400 Bad Request\r\n\r\n", SERVER_RUDE}
    };
    auto_server server;
    nvb_autoptr(http) http = http_new(&patient);
    nvb_auto_err err = { 0 };
    nvb_autofree char *url = NULL;

    server_start(&server, answers, N_OF(answers));
    url = nvb_xasprintf("https://127.0.0.1:%u/", server.port);
    EXPECT(!http_begin(http, &(struct http_request){ .url = url }, &err));
    EXPECT(http_get_fault(http) == HTTP_NO_TLS && strstr(err.hint, "insecure = true"));
}

TEST(stops_at_once_when_told)
{
    static const struct server_answer answers[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", SERVER_SILENCE},
    };
    auto_server server;
    struct http_options options = patient;
    nvb_autoptr(http) http = NULL;
    nvb_auto_err err = { 0 };
    nvb_autofree char *url = NULL;
    const void *data = NULL;
    size_t len = 0;

    options.stop_fd = eventfd(0, EFD_CLOEXEC);
    http = http_new(&options);
    server_start(&server, answers, N_OF(answers));
    url = dup_url(&server);
    EXPECT(http_begin(http, &(struct http_request){ .url = url }, &err));
    EXPECT(eventfd_write(options.stop_fd, 1) == 0);
    EXPECT(!http_read(http, &data, &len, &err));
    EXPECT(http_get_fault(http) == HTTP_STOPPED);
}

TEST(knows_where_an_address_leads)
{
    auto_origin a = { 0 };
    auto_origin b = { 0 };
    auto_origin c = { 0 };

    EXPECT(http_origin_read("https://Reg.example/x?y", &a));
    EXPECT(http_origin_read("https://reg.example:443/", &b));
    EXPECT(http_origin_read("http://reg.example:443/", &c));
    EXPECT(http_origin_is_same(&a, &b) && !http_origin_is_same(&a, &c));
}

TEST(follows_no_strange_address)
{
    static const char *const urls[] = {
        "",
        "/v2/",
        "ftp://r.example/",
        "file:///etc/passwd",
        "https://ann:secret@r.example/",
        "https://r.example:99999/",
        "gopher://r.example/",
    };

    for (size_t i = 0; i < N_OF(urls); i++) {
        auto_origin origin = { 0 };

        EXPECT(!http_origin_read(urls[i], &origin) && origin.host == NULL);
    }
}

TEST(knows_loopback)
{
    static const char *const yes[] = { "localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9",
                                       "[::1]" };
    static const char *const no[] = { "localhost.example", "128.0.0.1",
                                      "127.0.0.1.example", "[::2]",
                                      "0x7f000001",        "" };

    for (size_t i = 0; i < N_OF(yes); i++)
        EXPECT(http_host_is_loopback(yes[i]));
    for (size_t i = 0; i < N_OF(no); i++)
        EXPECT(!http_host_is_loopback(no[i]));
}
