/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "token.h"

#include <string.h>

#include "base/json.h"

enum {
    ANSWER_MAX = 256 << 10,
    TOKEN_MAX = 64 << 10,
};

/* It becomes a header line: nothing in it may end one. */
static bool fits_header(const char *token)
{
    size_t len = strlen(token);

    for (size_t i = 0; i < len; i++) {
        if (token[i] <= ' ' || token[i] > '~')
            return false;
    }
    return len > 0 && len <= TOKEN_MAX;
}

bool token_read(const char *text, size_t len, char **out_token)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 }; /* might quote the answer */
    const char *token = NULL;

    if (!nvb_json_parse(text, len, "the token", &json, &ignored))
        return false;
    token = nvb_json_get_str(json, "token");
    if (!token)
        token = nvb_json_get_str(json, "access_token"); /* OAuth 2's name of it */
    if (!token || !fits_header(token))
        return false;
    *out_token = nvb_xstrdup(token);
    return true;
}

/* Percent-encoded as a value in a query or a form. */
static void add_field(struct nvb_buf *to, const char *name, const char *value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    if (to->len > 0)
        nvb_buf_add_str(to, "&");
    nvb_buf_addf(to, "%s=", name);
    for (const char *p = value; *p; p++) {
        if (strchr(plain, *p)) {
            nvb_buf_add(to, p, 1);
        } else {
            nvb_buf_addf(to, "%%%02X", (unsigned)(unsigned char)*p);
        }
    }
}

static void add_asked(struct nvb_buf *to, const struct token_ask *ask)
{
    const struct challenge *c = ask->challenge;
    nvb_autofree char *usual = nvb_xasprintf("repository:%s:pull", ask->repository);

    if (c->service)
        add_field(to, "service", c->service);
    add_field(to, "scope", c->scope ? c->scope : usual);
}

static bool begin(struct http *http, const struct token_ask *ask, struct nvb_err *err)
{
    const char *realm = ask->challenge->realm;
    auto_secret basic = credential_dup_basic(ask->credential);
    nvb_auto_buf fields = { 0 };
    nvb_autofree char *url = NULL;
    bool ok = false;

    add_asked(&fields, ask);
    if (ask->credential->identity_token) {
        add_field(&fields, "grant_type", "refresh_token");
        add_field(&fields, "client_id", "nvbind");
        add_field(&fields, "refresh_token", ask->credential->identity_token);
        ok = http_begin(http, &(struct http_request){ .url = realm, .form = fields.data }, err);
        explicit_bzero(fields.data, fields.size);
        return ok;
    }
    if (ask->credential->username)
        add_field(&fields, "account", ask->credential->username);
    url = nvb_xasprintf("%s%c%s", realm, strchr(realm, '?') ? '&' : '?', fields.data);
    return http_begin(http, &(struct http_request){ .url = url, .authorization = basic }, err);
}

/* A registry may be asked without TLS; its realm elsewhere may not. */
static bool may_ask(const struct token_ask *ask, struct nvb_err *err)
{
    auto_origin origin = { 0 };

    if (!http_origin_read(ask->challenge->realm, &origin)) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "the registry names a strange place for tokens");
    }
    if (!origin.is_tls && !ask->is_http_allowed && !http_host_is_loopback(origin.host)) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED,
                 "the registry wants a token fetched from '%s' "
                 "without TLS",
                 origin.host);
        return nvb_hint(err, "a login would travel in plain text; ask whoever runs the registry");
    }
    return true;
}

static enum token_outcome read_failure(struct http *http, struct nvb_err *err)
{
    unsigned status = http_get_reply(http)->status;

    if (status == 401 || status == 403 || status == 400) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "no token is given out (status %u)", status);
        return TOKEN_REFUSED;
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "asking for a token ended in status %u", status);
    return status == 429 || status >= 500 ? TOKEN_AGAIN : TOKEN_FAILED;
}

static enum token_outcome of_fault(enum http_fault fault)
{
    if (fault == HTTP_STOPPED)
        return TOKEN_STOPPED;
    return fault == HTTP_LOST ? TOKEN_AGAIN : TOKEN_FAILED;
}

enum token_outcome
token_buy(struct http *http, const struct token_ask *ask, char **out_token, struct nvb_err *err)
{
    nvb_auto_buf answer = { 0 };
    bool ok = false;

    if (!may_ask(ask, err))
        return TOKEN_FAILED;
    if (!begin(http, ask, err))
        return of_fault(http_get_fault(http));
    if (http_get_reply(http)->status != 200)
        return read_failure(http, err);
    if (!http_read_all(http, ANSWER_MAX, &answer, err))
        return of_fault(http_get_fault(http));
    ok = answer.len > 0 && token_read(answer.data, answer.len, out_token);
    if (answer.data)
        explicit_bzero(answer.data, answer.size);
    if (ok)
        return TOKEN_FINE;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "the answer to asking for a token holds none");
    return TOKEN_FAILED;
}
