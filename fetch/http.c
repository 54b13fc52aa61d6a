/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http_error.h"
#include "trust.h"

enum {
    READ_SIZE = 256 << 10,   /* libcurl's buffer: fewer system calls than its 16 KiB */
    BODY_MAX = 1 << 20,      /* waiting to be read; then libcurl keeps the rest in the kernel */
    HEADERS_MAX = 128 << 10, /* all headers of a reply */
    CHALLENGES_MAX = 8,
    DRAIN_MAX = 64 << 10, /* read to its end so that the connection can be used again */
    DRAIN_TRIES = 8,
    DRAIN_MS = 10,
    STALL_BYTES = 1024, /* fewer within stall_s are a stall */
    POLL_MS = 500,
};

struct http {
    const struct http_options *options; /* borrowed */
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers; /* owned; of the request */
    char *host;                 /* owned; for messages */
    struct http_reply reply;
    size_t n_header_bytes;
    uint64_t n_body_bytes;
    bool is_added; /* easy is in multi */
    bool has_headers;
    bool is_finished;
    bool is_paused;
    CURLcode result;
    enum http_fault fault;

    struct nvb_buf body;  /* has come, not yet read */
    struct nvb_buf given; /* what the last http_read() lent */

    uint64_t waited_ms; /* since the beginning of the window in which a stall is looked for */
    uint64_t n_window;  /* bytes that came within it */
};

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void reply_clear(struct http_reply *reply)
{
    free(reply->location);
    free(reply->content_type);
    free(reply->digest);
    nvb_strv_clear(&reply->challenges);
    *reply = (struct http_reply){ 0 };
}

/* "Text/HTML; charset=x" -> "text/html" */
static char *dup_media_type(const char *value)
{
    nvb_autofree char *copy = nvb_xstrndup(value, strcspn(value, ";"));
    char *type = nvb_trim(copy);

    for (char *p = type; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return nvb_xstrdup(type);
}

/* "bytes 100-199/200" -> 100 */
static uint64_t range_begin(const char *value)
{
    nvb_autofree char *digits = NULL;
    uint64_t from = UINT64_MAX; /* an answer to another question */

    if (!nvb_has_prefix(value, "bytes "))
        return from;
    digits = nvb_xstrndup(value + 6, strcspn(value + 6, "-"));
    (void)nvb_parse_u64(digits, UINT64_MAX, &from);
    return from;
}

static void set_once(char **slot, char *take_text)
{
    free(*slot);
    *slot = take_text;
}

static void read_header(struct http_reply *reply, const char *name, const char *value)
{
    uint64_t number = 0;

    if (strcasecmp(name, "content-type") == 0) {
        set_once(&reply->content_type, dup_media_type(value));
    } else if (strcasecmp(name, "docker-content-digest") == 0) {
        set_once(&reply->digest, nvb_xstrdup(value));
    } else if (strcasecmp(name, "www-authenticate") == 0) {
        if (reply->challenges.n < CHALLENGES_MAX)
            nvb_strv_add(&reply->challenges, value);
    } else if (strcasecmp(name, "content-range") == 0) {
        reply->range_from = range_begin(value);
    } else if (strcasecmp(name, "retry-after") == 0) {
        /* The other form, a date, comes from nobody. */
        if (nvb_parse_u64(value, UINT32_MAX, &number))
            reply->retry_after_s = (unsigned)number;
    }
}

/* One line; a reply of its own begins with the status line ("100 Continue" before the real one). */
static size_t take_header(char *data, size_t size, size_t n, void *user)
{
    struct http *http = user;
    nvb_autofree char *line = nvb_xstrndup(data, size * n);
    char *colon = strchr(line, ':');

    http->n_header_bytes += size * n;
    http->n_window += size * n;
    if (http->n_header_bytes > HEADERS_MAX)
        return 0;
    if (nvb_has_prefix(line, "HTTP/")) {
        reply_clear(&http->reply);
    } else if (colon) {
        *colon = '\0';
        read_header(&http->reply, nvb_trim(line), nvb_trim(colon + 1));
    } else {
        long status = 0;

        (void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
        http->has_headers = status >= 200;
    }
    return size * n;
}

static size_t take_body(char *data, size_t size, size_t n, void *user)
{
    struct http *http = user;

    if (http->body.len > 0 && http->body.len + size * n > BODY_MAX) {
        http->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    nvb_buf_add(&http->body, data, size * n);
    http->n_body_bytes += size * n;
    http->n_window += size * n;
    return size * n;
}

struct http *http_new(const struct http_options *options)
{
    struct http *http = nvb_xcalloc(1, sizeof(*http));

    http->options = options;
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    if (!http->multi || !http->easy)
        abort();
    return http;
}

static void remove_easy(struct http *http)
{
    if (http->is_added)
        (void)curl_multi_remove_handle(http->multi, http->easy);
    http->is_added = false;
    curl_slist_free_all(http->headers);
    http->headers = NULL;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    remove_easy(http);
    curl_easy_cleanup(http->easy);
    (void)curl_multi_cleanup(http->multi);
    reply_clear(&http->reply);
    nvb_buf_clear(&http->body);
    nvb_buf_clear(&http->given);
    free(http->host);
    free(http);
}

static void add_header(struct http *http, const char *name, const char *value)
{
    nvb_autofree char *line = nvb_xasprintf("%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(http->headers, line);

    if (!longer)
        abort();
    http->headers = longer;
    explicit_bzero(line, strlen(line));
}

static CURLcode give_trust(CURL *easy, void *context, void *user)
{
    (void)easy;
    if (user)
        trust_give(user, context);
    return CURLE_OK;
}

static void set_always(struct http *http)
{
    CURL *easy = http->easy;

    curl_easy_reset(easy);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "nvbind/" NVB_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)READ_SIZE);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)http->options->connect_s);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* only what `trust` has read */
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, give_trust);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, http->options->trust);
}

static void
set_request(struct http *http, const struct http_request *request, const char *bare_host)
{
    CURL *easy = http->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
    if (request->accept)
        add_header(http, "Accept", request->accept);
    if (request->authorization)
        add_header(http, "Authorization", request->authorization);
    if (request->from > 0) {
        nvb_autofree char *range = nvb_xasprintf("bytes=%llu-", (unsigned long long)request->from);

        add_header(http, "Range", range);
    }
    if (request->form) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->form));
        (void)curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->form);
    }
    if (request->is_head)
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    /* Go's programs, the other clients, never send loopback's requests to a proxy. */
    if (http_host_is_loopback(bare_host))
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
}

static bool fail(struct http *http, enum http_fault fault, struct nvb_err *err)
{
    http->fault = fault;
    remove_easy(http);
    if (fault == HTTP_STOPPED)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "stopped");
    return http_error_set(err, fault, http->easy, http->result, http->host);
}

static bool fail_stalled(struct http *http, struct nvb_err *err)
{
    http->fault = HTTP_LOST;
    remove_easy(http);
    nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' has sent next to nothing for %u s", http->host,
             http->options->stall_s);
    return nvb_hint(err, "try again later; what was downloaded of a large layer is kept");
}

/* Wait for something to happen; time that we spend elsewhere is not the sender's. */
static bool wait_for_more(struct http *http, struct nvb_err *err)
{
    struct curl_waitfd stop = { .fd = http->options->stop_fd, .events = CURL_WAIT_POLLIN };
    uint64_t before = now_ms();

    (void)curl_multi_poll(http->multi, &stop, stop.fd >= 0, POLL_MS, NULL);
    if (stop.revents)
        return fail(http, HTTP_STOPPED, err);
    http->waited_ms += now_ms() - before;
    if (http->waited_ms < (uint64_t)http->options->stall_s * 1000)
        return true;
    if (http->n_window < STALL_BYTES)
        return fail_stalled(http, err);
    http->waited_ms = 0;
    http->n_window = 0;
    return true;
}

static void look_for_end(struct http *http)
{
    int n_left = 0;

    for (CURLMsg *m = NULL; (m = curl_multi_info_read(http->multi, &n_left));) {
        if (m->msg == CURLMSG_DONE) {
            http->is_finished = true;
            http->result = m->data.result;
        }
    }
}

/* Go on until the headers are here, or body that was not there, or the end. */
static bool advance(struct http *http, bool for_headers, struct nvb_err *err)
{
    for (;;) {
        int n_running = 0;

        (void)curl_multi_perform(http->multi, &n_running);
        look_for_end(http);
        if (http->is_finished && http->result != CURLE_OK && http->body.len == 0)
            return fail(http, http_error_fault(http->easy, http->result), err);
        if (http->is_finished || (for_headers ? http->has_headers : http->body.len > 0))
            return true;
        if (!wait_for_more(http, err))
            return false;
    }
}

static void note_reply(struct http *http)
{
    struct http_reply *reply = &http->reply;
    curl_off_t length = -1;
    char *location = NULL;
    long status = 0;

    (void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(http->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    (void)curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &location);
    reply->status = (unsigned)status;
    reply->has_length = length >= 0;
    reply->length = length >= 0 ? (uint64_t)length : 0;
    reply->location = location ? nvb_xstrdup(location) : NULL;
}

/* What little is left of a reply goes, so that its connection stays; for that nobody waits long. */
static void drain(struct http *http)
{
    for (int i = 0; i < DRAIN_TRIES && http->is_added; i++) {
        int n_running = 0;

        if (!http->reply.has_length || http->reply.length > http->n_body_bytes + DRAIN_MAX)
            break;
        if (http->is_paused)
            (void)curl_easy_pause(http->easy, CURLPAUSE_CONT);
        http->is_paused = false;
        http->body.len = 0;
        (void)curl_multi_perform(http->multi, &n_running);
        look_for_end(http);
        if (http->is_finished)
            break;
        (void)curl_multi_poll(http->multi, NULL, 0, DRAIN_MS, NULL);
    }
    remove_easy(http);
}

bool http_begin(struct http *http, const struct http_request *request, struct nvb_err *err)
{
    auto_origin origin = { 0 };

    drain(http);
    http->fault = HTTP_STRANGE;
    reply_clear(&http->reply);
    if (!http_origin_read(request->url, &origin))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "this is no address of a registry");
    free(http->host);
    http->host = http_origin_dup_text(&origin);
    http->body.len = 0;
    http->n_header_bytes = http->n_body_bytes = http->n_window = http->waited_ms = 0;
    http->has_headers = http->is_finished = http->is_paused = false;
    http->result = CURLE_OK;
    http->fault = HTTP_FINE;
    set_always(http);
    set_request(http, request, origin.host);
    (void)curl_multi_add_handle(http->multi, http->easy);
    http->is_added = true;
    if (!advance(http, true, err))
        return false;
    note_reply(http);
    return true;
}

const struct http_reply *http_get_reply(const struct http *http)
{
    return &http->reply;
}

bool http_read(struct http *http, const void **out_data, size_t *out_len, struct nvb_err *err)
{
    struct nvb_buf given = http->given;

    if (http->is_paused && http->body.len == 0) {
        http->is_paused = false;
        (void)curl_easy_pause(http->easy, CURLPAUSE_CONT); /* calls take_body() */
    }
    if (http->body.len == 0 && !http->is_finished && !advance(http, false, err))
        return false;
    if (http->body.len == 0 && http->result != CURLE_OK)
        return fail(http, http_error_fault(http->easy, http->result), err);
    http->given = http->body;
    given.len = 0;
    http->body = given;
    *out_data = http->given.data;
    *out_len = http->given.len;
    return true;
}

bool http_read_all(struct http *http, size_t max, struct nvb_buf *out, struct nvb_err *err)
{
    const void *data = NULL;
    size_t len = 0;

    do {
        if (!http_read(http, &data, &len, err))
            return false;
        if (out->len + len > max) {
            http->fault = HTTP_STRANGE;
            remove_easy(http);
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                            "'%s' answers with more than %zu bytes where a few are right",
                            http->host, max);
        }
        nvb_buf_add(out, data, len);
    } while (len > 0);
    return true;
}

enum http_fault http_get_fault(const struct http *http)
{
    return http->fault;
}
