/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "http.h"

static char *dup_part(CURLU *parsed, CURLUPart part)
{
    char *text = NULL;
    char *copy = NULL;

    if (curl_url_get(parsed, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) != 0)
        return NULL;
    copy = nvb_xstrdup(text);
    curl_free(text);
    return copy;
}

static bool read_parts(CURLU *parsed, const char *url, struct http_origin *out)
{
    nvb_autofree char *scheme = NULL;
    nvb_autofree char *port = NULL;
    uint64_t number = 0;

    if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER) != 0)
        return false;
    scheme = dup_part(parsed, CURLUPART_SCHEME);
    port = dup_part(parsed, CURLUPART_PORT);
    out->host = dup_part(parsed, CURLUPART_HOST);
    out->is_tls = scheme && strcmp(scheme, "https") == 0;
    if (!scheme || !out->host || !*out->host || !(out->is_tls || strcmp(scheme, "http") == 0))
        return false;
    if (!port || !nvb_parse_u64(port, 65535, &number))
        return false;
    out->port = (unsigned)number;
    return true;
}

bool http_origin_read(const char *url, struct http_origin *out)
{
    CURLU *parsed = curl_url();
    bool ok = false;

    if (!parsed)
        abort();
    *out = (struct http_origin){ 0 };
    ok = read_parts(parsed, url, out);
    curl_url_cleanup(parsed);
    if (!ok)
        http_origin_clear(out);
    return ok;
}

char *http_origin_dup_text(const struct http_origin *origin)
{
    if (origin->port == (origin->is_tls ? 443 : 80))
        return nvb_xstrdup(origin->host);
    return nvb_xasprintf("%s:%u", origin->host, origin->port);
}

bool http_origin_is_same(const struct http_origin *a, const struct http_origin *b)
{
    return a->is_tls == b->is_tls && a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

/* Names below .localhost are loopback's too (RFC 6761, 6.3), but resolvers differ there. */
bool http_host_is_loopback(const char *host)
{
    nvb_autofree char *bare =
        nvb_xstrndup(host + (*host == '['), strcspn(host, "]") - (*host == '['));
    struct in6_addr six;
    struct in_addr four;

    if (strcasecmp(bare, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, bare, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, bare, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

void http_origin_clear(struct http_origin *origin)
{
    free(origin->host);
    *origin = (struct http_origin){ 0 };
}
