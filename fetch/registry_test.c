/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <string.h>
#include <sys/eventfd.h>

#include "refusal.h"
#include "server.h"
#include "test.h"
#include "token.h"

#define OK(text) "HTTP/1.1 200 OK\r\nContent-Length: " text
#define EMPTY    "Content-Length: 0\r\n\r\n"
#define PING                                     \
    {                                            \
        "HTTP/1.1 200 OK\r\n" EMPTY, SERVER_KEEP \
    }
#define DOCUMENT                                            \
    {                                                       \
        OK("2\r\nContent-Type: a/b\r\n\r\n{}"), SERVER_KEEP \
    }
#define TOKEN                                          \
    {                                                  \
        OK("13\r\n\r\n{\"token\":\"t\"}"), SERVER_KEEP \
    }
#define WANT_TOKEN                                                                     \
    {                                                                                  \
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/" \
        "token?x=y\",service=\"a service\",scope=\"repository:a/b:pull\"\r\n" EMPTY,   \
            SERVER_KEEP                                                                \
    }
#define NO                                                                              \
    {                                                                                   \
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n" EMPTY, SERVER_KEEP \
    }
#define AGAIN                                                                             \
    {                                                                                     \
        "HTTP/1.1 307 There\r\nLocation: /v2/a/b/manifests/latest\r\n" EMPTY, SERVER_KEEP \
    }
#define BUSY                                        \
    {                                               \
        "HTTP/1.1 503 Later\r\n" EMPTY, SERVER_KEEP \
    }
#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* A registry that is the server; the test's process ends it. */
struct set {
    struct server server;
    struct registry registry;
    struct http *http;
    struct nvb_buf text;
    struct nvb_err err;
    char *notes;
};

static void take_note(void *data, const char *text)
{
    *(char **)data = nvb_xstrdup(text);
}

static struct set *set_up(const struct server_answer *answers, size_t n)
{
    struct set *set = nvb_xcalloc(1, sizeof(*set));
    const struct nvb_registries configured = { .connect_s = 5, .stall_s = 1, .n_retries = 3 };
    struct nvb_reference reference = { .repository = nvb_xstrdup("a/b") };

    server_start(&set->server, answers, n);
    reference.registry = nvb_xasprintf("127.0.0.1:%u", set->server.port);
    registry_init(&set->registry, &configured, &reference);
    nvb_reference_clear(&reference);
    set->registry.backoff_ms = 5;
    set->registry.note = take_note;
    set->registry.note_data = &set->notes;
    set->http = http_new(&set->registry.http);
    return set;
}

static void take_down(struct set *set)
{
    http_free(set->http);
    server_end(&set->server);
    registry_clear(&set->registry);
    nvb_buf_clear(&set->text);
    nvb_err_clear(&set->err);
    free(set->notes);
    free(set);
}

static bool get(struct set *set)
{
    const struct ask ask = { .path = "manifests/latest", .what = "b:latest", .accept = "a/b" };

    return registry_get(&set->registry, set->http, &ask, 100, &set->text, &set->err);
}

static bool asked(const struct set *set, size_t i, const char *piece)
{
    return strstr(set->server.asked[i], piece) != NULL;
}

TEST(asks_loopback_without_tls)
{
    static const struct server_answer answers[] = { PING, DOCUMENT };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(get(set));
    EXPECT_STR(set->text.data, "{}");
    EXPECT_STR(http_get_reply(set->http)->content_type, "a/b");
    EXPECT(asked(set, 0, "GET /v2/ ") && asked(set, 1, "GET /v2/a/b/manifests/latest "));
    EXPECT(set->server.n_connections == 1);
    take_down(set);
}

TEST(buys_a_token_and_keeps_it)
{
    static const struct server_answer answers[] = { PING, WANT_TOKEN, TOKEN, DOCUMENT, DOCUMENT };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(get(set) && get(set));
    EXPECT(asked(set, 2, "GET /token?x=y&service=a%20service&scope=repository%3Aa%2Fb%3Apull "));
    EXPECT(!asked(set, 2, "Authorization"));
    EXPECT(asked(set, 3, "\r\nAuthorization: Bearer t\r\n"));
    EXPECT(asked(set, 4, "\r\nAuthorization: Bearer t\r\n"));
    take_down(set);
}

TEST(a_token_that_has_run_out_is_bought_anew)
{
    static const struct server_answer answers[] = {
        PING,     WANT_TOKEN, TOKEN,
        DOCUMENT, WANT_TOKEN, {OK("13\r\n\r\n{\"token\":\"u\"}"), SERVER_KEEP},
        DOCUMENT
    };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(get(set) && get(set));
    EXPECT(asked(set, 6, "Bearer u\r\n"));
    take_down(set);
}

TEST(a_login_goes_to_the_realm)
{
    static const struct server_answer answers[] = { PING, WANT_TOKEN, TOKEN, DOCUMENT };
    struct set *set = set_up(answers, N_OF(answers));

    set->registry.endpoints[0].credential.username = nvb_xstrdup("ann");
    set->registry.endpoints[0].credential.password = nvb_xstrdup("secret");
    EXPECT(get(set));
    EXPECT(asked(set, 2, "&account=ann ") && asked(set, 2, "\r\nAuthorization: Basic YW5uOn"));
    EXPECT(!asked(set, 1, "Basic") && !asked(set, 3, "Basic"));
    take_down(set);
}

TEST(an_identity_token_is_posted)
{
    static const struct server_answer answers[] = { PING, WANT_TOKEN, TOKEN, DOCUMENT };
    struct set *set = set_up(answers, N_OF(answers));

    set->registry.endpoints[0].credential.identity_token = nvb_xstrdup("id&1");
    EXPECT(get(set));
    EXPECT(asked(set, 2, "POST /token?x=y "));
    EXPECT(asked(set, 2, "grant_type=refresh_token&") && asked(set, 2, "refresh_token=id%261"));
    take_down(set);
}

TEST(basic_where_it_is_asked_for)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n" EMPTY, SERVER_KEEP},
        DOCUMENT,
    };
    struct set *set = set_up(answers, N_OF(answers));

    set->registry.endpoints[0].credential.username = nvb_xstrdup("ann");
    set->registry.endpoints[0].credential.password = nvb_xstrdup("secret");
    EXPECT(get(set));
    EXPECT(!asked(set, 1, "Authorization") && asked(set, 2, "Authorization: Basic YW5u"));
    take_down(set);
}

TEST(a_refused_login_is_told_and_never_shown)
{
    static const struct server_answer forms[][4] = {
        {PING,   NO,         NO },
        { PING,     WANT_TOKEN,           TOKEN, WANT_TOKEN },
        { PING, WANT_TOKEN,{ "HTTP/1.1 401 No\r\n" EMPTY, SERVER_KEEP } },
        { PING,  { "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest x=y\r\n" EMPTY, SERVER_KEEP } },
        { PING,     { "HTTP/1.1 401 No\r\n" EMPTY, SERVER_KEEP }          },
        { PING,     { "HTTP/1.1 403 No\r\n" EMPTY, SERVER_KEEP }          },
    };

    for (size_t i = 0; i < 2 * N_OF(forms); i++) {
        struct set *set = set_up(forms[i / 2], N_OF(forms[0]));

        if (i % 2) {
            set->registry.endpoints[0].credential.username = nvb_xstrdup("ann");
            set->registry.endpoints[0].credential.password = nvb_xstrdup("secret");
        }
        EXPECT(!get(set));
        EXPECT(set->err.kind == NVB_E_DENIED && strstr(set->err.hint, "podman login 127.0.0.1"));
        EXPECT(strstr(set->err.lines[0], "'b:latest'") && !strstr(set->err.lines[0], "secret"));
        take_down(set);
    }
}

TEST(tokens_that_would_break_a_header_are_none)
{
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "{\"token\":\"\"}",
        "{\"token\":7}",
        "{\"token\":\"a\\r\\nX: y\"}",
        "{\"token\":\"a b\"}",
        "{\"token\":\"\\u00e9\"}",
        "{\"token\":\"a\"",
    };

    for (size_t i = 0; i < N_OF(texts); i++) {
        char *token = NULL;

        EXPECT(!token_read(texts[i], strlen(texts[i]), &token) && token == NULL);
    }
}

TEST(a_realm_without_tls_elsewhere_is_refused)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"http://evil.invalid/\"\r\n" EMPTY,
          SERVER_KEEP},
    };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(!get(set));
    EXPECT(strstr(set->err.lines[0], "evil.invalid"));
    take_down(set);
}

TEST(a_redirect_is_followed_without_the_token)
{
    /* localhost is another origin than 127.0.0.1. */
    static const struct server_answer answers[] = {
        PING,
        WANT_TOKEN,
        TOKEN,
        {"HTTP/1.1 307 There\r\nLocation: /elsewhere\r\n" EMPTY,                      SERVER_KEEP },
        { "HTTP/1.1 307 There\r\nLocation: http://localhost:{port}/abroad\r\n" EMPTY,
          SERVER_CLOSE                                                                             },
        { "HTTP/1.1 302 Back\r\nLocation: http://127.0.0.1:{port}/back\r\n" EMPTY,    SERVER_CLOSE},
        DOCUMENT,
    };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(get(set));
    EXPECT(asked(set, 4, "GET /elsewhere ") && asked(set, 4, "Authorization: Bearer t"));
    EXPECT(asked(set, 5, "GET /abroad ") && !asked(set, 5, "Authorization"));
    EXPECT(asked(set, 6, "GET /back ") && !asked(set, 6, "Authorization"));
    take_down(set);
}

TEST(nobody_abroad_may_ask_for_a_login)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 307 There\r\nLocation: http://localhost:{port}/abroad\r\n" EMPTY,
          SERVER_CLOSE                                                                           },
        { "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n" EMPTY,        SERVER_KEEP},
        DOCUMENT,
    };
    struct set *set = set_up(answers, N_OF(answers));

    set->registry.endpoints[0].credential.username = nvb_xstrdup("ann");
    set->registry.endpoints[0].credential.password = nvb_xstrdup("secret");
    EXPECT(!get(set));
    EXPECT(set->err.kind == NVB_E_DENIED && set->server.n_asked == 3);
    take_down(set);
}

TEST(redirects_that_lead_nowhere_end)
{
    static const struct server_answer circle[] = { PING,  AGAIN, AGAIN, AGAIN, AGAIN, AGAIN,
                                                   AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN };
    static const char *const places[] = { "ftp://x.invalid/", "http://x.invalid/",
                                          "https://ann:pw@x.invalid/", "file:///etc/passwd", "//" };
    struct set *set = set_up(circle, N_OF(circle));

    EXPECT(!get(set));
    EXPECT(strstr(set->err.lines[0], "in circles") && set->server.n_asked == 10);
    take_down(set);
    for (size_t i = 0; i < N_OF(places); i++) {
        nvb_autofree char *text =
            nvb_xasprintf("HTTP/1.1 307 There\r\nLocation: %s\r\n" EMPTY, places[i]);
        const struct server_answer answers[] = {
            PING, {text, SERVER_KEEP}
        };

        set = set_up(answers, N_OF(answers));
        EXPECT(!get(set));
        EXPECT(strstr(set->err.lines[0], "redirects to") && !strstr(set->err.lines[0], "pw"));
        take_down(set);
    }
}

TEST(what_may_pass_is_tried_again)
{
    static const struct server_answer failures[] = {
        {"HTTP/1.1 503 Later\r\n" EMPTY,                    SERVER_KEEP },
        { "HTTP/1.1 429 Later\r\nRetry-After: 0\r\n" EMPTY, SERVER_KEEP },
        { "",                                               SERVER_CLOSE},
        { "",                                               SERVER_RESET},
        { OK("2\r\n\r\n{"),                                 SERVER_CLOSE},
    };

    for (size_t i = 0; i < N_OF(failures); i++) {
        const struct server_answer answers[] = { PING, failures[i], failures[i], DOCUMENT };
        struct set *set = set_up(answers, N_OF(answers));

        EXPECT(get(set));
        EXPECT_STR(set->text.data, "{}");
        take_down(set);
    }
}

TEST(patience_ends)
{
    static const struct server_answer answers[] = { PING, BUSY, BUSY, BUSY, DOCUMENT };
    static const struct server_answer slow[] = {
        PING,
        {"HTTP/1.1 429 Later\r\nRetry-After: 3600\r\nContent-Length: 62\r\n\r\n"
          "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"pull limit\"}]}", SERVER_KEEP},
    };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(!get(set));
    EXPECT(strstr(set->err.lines[0], "status 503") && set->server.n_asked == 4);
    take_down(set);
    set = set_up(slow, N_OF(slow));
    EXPECT(!get(set));
    EXPECT(strstr(set->err.lines[0], "pull limit") && strstr(set->err.hint, "3600 s"));
    take_down(set);
}

TEST(what_will_not_pass_is_told_at_once)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 404 No\r\nContent-Type: application/json\r\nContent-Length: 65\r\n\r\n"
          "{\"errors\":[{\"code\":\"X\",\"message\":\"unknown\\n\\u001b[31mmanifest\"}]}", SERVER_KEEP},
    };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(!get(set));
    EXPECT(set->err.kind == NVB_E_NOT_FOUND);
    EXPECT(set->err.n_lines == 2);
    EXPECT(strstr(set->err.lines[0], "says: unknown  [31mmanifest"));
    EXPECT(strstr(set->err.lines[1], "does not have 'b:latest'"));
    take_down(set);
}

TEST(a_long_document_is_refused)
{
    static const struct server_answer answers[] = {
        PING, {OK("999\r\n\r\n{}"), SERVER_KEEP}
    };
    static const char endless[] = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"
                                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    static const struct server_answer more[] = {
        PING, {endless, SERVER_KEEP}
    };
    struct set *set = set_up(answers, N_OF(answers));

    EXPECT(!get(set)); /* never came: a stall, then patience */
    take_down(set);
    set = set_up(more, N_OF(more));
    EXPECT(!get(set));
    EXPECT(strstr(set->err.lines[0], "more than 100 bytes"));
    take_down(set);
}

TEST(mirrors_come_first_and_are_passed_over)
{
    static const struct server_answer answers[] = { PING, DOCUMENT };
    struct set *set = set_up(answers, N_OF(answers));
    struct endpoint own = set->registry.endpoints[0];

    endpoint_init(&set->registry.endpoints[0], "http://127.0.0.1:1/hub", "a/b", false);
    set->registry.endpoints[1] = own;
    set->registry.n = 2;
    EXPECT(get(set));
    EXPECT(set->registry.first == 1);
    EXPECT(strstr(set->notes, "mirror '127.0.0.1:1' is passed over: cannot connect"));
    EXPECT_STR(set->registry.endpoints[0].repository, "hub/a/b");
    take_down(set);
}

TEST(docker_hub_is_asked_where_it_is)
{
    const struct nvb_registries configured = { 0 };
    nvb_auto_reference reference = { 0 };
    struct registry registry;
    nvb_autoptr(http) http = NULL;
    nvb_auto_buf text = { 0 };
    nvb_auto_err err = { 0 };
    const struct ask ask = { .path = "manifests/latest", .what = "ubuntu" };

    EXPECT(nvb_reference_parse("ubuntu", &reference, &err));
    registry_init(&registry, &configured, &reference);
    registry.http.stop_fd = eventfd(1, EFD_CLOEXEC); /* nothing is sent */
    http = http_new(&registry.http);
    EXPECT(!registry_get(&registry, http, &ask, 100, &text, &err));
    EXPECT_STR(registry.endpoints[0].name, "docker.io");
    EXPECT_STR(registry.endpoints[0].base, "https://registry-1.docker.io");
    EXPECT_STR(registry.endpoints[0].repository, "library/ubuntu");
    registry_clear(&registry);
}

TEST(stops_while_waiting)
{
    static const struct server_answer answers[] = {
        PING,
        {"HTTP/1.1 429 Later\r\nRetry-After: 50\r\n" EMPTY, SERVER_KEEP},
    };
    struct set *set = set_up(answers, N_OF(answers));

    set->registry.http.stop_fd = eventfd(0, EFD_CLOEXEC);
    EXPECT(eventfd_write(set->registry.http.stop_fd, 1) == 0);
    EXPECT(!get(set));
    EXPECT_STR(set->err.lines[0], "stopped");
    take_down(set);
}

TEST(a_message_is_cut_between_characters)
{
    nvb_auto_buf text = { 0 };
    nvb_autofree char *message = NULL;

    nvb_buf_add_str(&text, "{\"errors\":[{\"message\":\"x");
    for (int i = 0; i < 300; i++)
        nvb_buf_add_str(&text, "\xc3\xa4");
    nvb_buf_add_str(&text, "\"}]}");
    message = refusal_dup_message(text.data, text.len);
    EXPECT(strlen(message) == 199);
}
