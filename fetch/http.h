/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* http.h - one HTTP request after another from one thread, by libcurl's multi interface.
 *
 * Bytes are pulled: http_read() hands out what has come and waits only when nothing has, so that
 * a slow disk slows the sender down and nothing piles up here. Waiting ends when the sender is silent
 * for too long (a stall, also a trickle of a few bytes) or when `stop_fd` becomes readable.
 *
 * HTTP/1.1, so that no transfer can hold up another one; no redirect is followed and nothing is
 * tried twice: that is the registry's business (registry.h). Messages name the host and never the
 * rest of an address, which may hold a signature. */
#pragma once

#include "base/text.h"

struct trust;

enum http_fault {
    HTTP_FINE = 0,
    HTTP_STOPPED,     /* stop_fd */
    HTTP_UNREACHABLE, /* no such name, nobody there, no answer to a connection */
    HTTP_LOST,        /* reset, closed in the middle, silent: another try may help */
    HTTP_NO_TLS,      /* whoever is there does not speak it */
    HTTP_NO_TRUST,    /* its certificate */
    HTTP_STRANGE,     /* what came is no HTTP that we take */
};

struct http_options {
    unsigned connect_s;
    unsigned stall_s;
    int stop_fd;         /* borrowed; -1 = none */
    struct trust *trust; /* borrowed; NULL: no certificate is trusted */
};

struct http_request {
    const char *url;           /* borrowed, as the others */
    const char *authorization; /* NULL = none; a secret */
    const char *accept;        /* NULL = anything */
    const char *form;          /* of a POST; NULL = a GET; a secret */
    uint64_t from;             /* ask for the bytes from this one on; 0 = all */
    bool is_head;
};

struct http_reply {
    unsigned status;
    char *location;     /* owned; of a redirect, absolute; NULL = none */
    char *content_type; /* owned; without parameters, in small letters; NULL = none */
    char *digest;       /* owned; Docker-Content-Digest */
    struct nvb_strv challenges;
    uint64_t length;        /* of what follows */
    uint64_t range_from;    /* with status 206 */
    unsigned retry_after_s; /* 0 = not told */
    bool has_length;
};

struct http;

/* `options` are borrowed for as long as it lives. */
struct http *http_new(const struct http_options *options);
void http_free(struct http *http);
NVB_DEFINE_AUTOPTR(http, http_free)

/* Send, and wait for the reply's headers. A status such as 404 is a reply, not a failure. What an
 * earlier request still had to give is dropped. */
bool http_begin(struct http *http, const struct http_request *request, struct nvb_err *err);
const struct http_reply *http_get_reply(const struct http *http); /* until the next begin */

/* The next bytes, borrowed until the next call; none at the end. */
bool http_read(struct http *http, const void **out_data, size_t *out_len, struct nvb_err *err);

/* All the rest, at most `max` bytes. */
bool http_read_all(struct http *http, size_t max, struct nvb_buf *out, struct nvb_err *err);

enum http_fault http_get_fault(const struct http *http); /* of the last call that failed */

/* The parts of an address that matter; false when it is none that we would follow: another scheme
 * than http and https, a name and password in it, no host. */
struct http_origin {
    char *host; /* owned; "[::1]" in brackets */
    unsigned port;
    bool is_tls;
};

bool http_origin_read(const char *url, struct http_origin *out);
char *http_origin_dup_text(const struct http_origin *origin); /* "host", "host:5000" */
bool http_origin_is_same(const struct http_origin *a, const struct http_origin *b);
bool http_host_is_loopback(const char *host);
void http_origin_clear(struct http_origin *origin);
#define auto_origin __attribute__((cleanup(http_origin_clear))) struct http_origin
