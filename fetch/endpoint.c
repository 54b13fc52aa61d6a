/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "endpoint.h"

#include <string.h>

#include "base/json.h"
#include "refusal.h"
#include "token.h"

enum {
    HOPS_MAX = 8,
};

/* A request on its way: where it has got to. */
struct trip {
    struct endpoint *endpoint;
    struct http *http;
    const struct ask *ask;
    char *url;           /* owned */
    char *authorization; /* owned; what goes along to the endpoint's own origin */
    bool is_abroad;      /* a redirect has led to another origin */
    unsigned n_hops;
    unsigned n_answers; /* to challenges */
};

static void trip_clear(struct trip *trip)
{
    free(trip->url);
    secret_free(trip->authorization);
}

void endpoint_init(struct endpoint *endpoint,
                   const char *place,
                   const char *repository,
                   bool is_insecure)
{
    bool is_http = nvb_has_prefix(place, "http://");
    bool is_https = nvb_has_prefix(place, "https://");
    const char *rest = is_http || is_https ? strstr(place, "//") + 2 : place;
    size_t host_len = strcspn(rest, "/");

    *endpoint = (struct endpoint){ .name = nvb_xstrndup(rest, host_len),
                                   .is_insecure = is_insecure || is_http };
    (void)pthread_mutex_init(&endpoint->lock, NULL);
    endpoint->repository = rest[host_len] ? nvb_xasprintf("%s/%s", rest + host_len + 1, repository)
                                          : nvb_xstrdup(repository);
    if (is_http || is_https)
        endpoint->base = nvb_xstrndup(place, (size_t)(rest - place) + host_len);
}

void endpoint_clear(struct endpoint *endpoint)
{
    free(endpoint->name);
    free(endpoint->repository);
    free(endpoint->base);
    secret_free(endpoint->authorization);
    credential_clear(&endpoint->credential);
    (void)pthread_mutex_destroy(&endpoint->lock);
}

/* Docker Hub's registry has another name than its images. */
static const char *host_of(const struct endpoint *endpoint)
{
    return strcmp(endpoint->name, "docker.io") == 0 ? "registry-1.docker.io" : endpoint->name;
}

static bool is_on_loopback(const struct endpoint *endpoint)
{
    const char *name = endpoint->name;
    nvb_autofree char *host =
        nvb_xstrndup(name, *name == '[' ? strcspn(name, "]") + 1 : strcspn(name, ":"));

    return http_host_is_loopback(host);
}

static enum outcome of_fault(const struct endpoint *endpoint, enum http_fault fault)
{
    switch (fault) {
    case HTTP_STOPPED:
        return OUTCOME_STOPPED;
    case HTTP_LOST:
        return OUTCOME_AGAIN;
    case HTTP_UNREACHABLE:
        return endpoint->is_reached ? OUTCOME_AGAIN : OUTCOME_FAILED;
    case HTTP_FINE:
    case HTTP_NO_TLS:
    case HTTP_NO_TRUST:
    case HTTP_STRANGE:
        break;
    }
    return OUTCOME_FAILED;
}

/* Does somebody speak this scheme there? A TLS server answers plain words with status 400. */
static bool
try_scheme(struct endpoint *endpoint, struct http *http, const char *scheme, struct nvb_err *err)
{
    nvb_autofree char *base = nvb_xasprintf("%s://%s", scheme, host_of(endpoint));
    nvb_autofree char *url = nvb_xasprintf("%s/v2/", base);

    if (!http_begin(http, &(struct http_request){ .url = url }, err))
        return false;
    if (http_get_reply(http)->status == 400) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' does not take %s", endpoint->name,
                        scheme);
    }
    endpoint->base = nvb_steal(&base);
    return true;
}

/* Mostly it is https without a question. On loopback plain http is the rule, and trying TLS first
 * would cost the parsing of every authority's certificate. */
static enum outcome find_base(struct endpoint *endpoint, struct http *http, struct nvb_err *err)
{
    bool is_loopback = is_on_loopback(endpoint);
    enum http_fault first = HTTP_FINE;
    nvb_auto_err second = { 0 };

    if (endpoint->base)
        return OUTCOME_FINE;
    if (!is_loopback && !endpoint->is_insecure) {
        endpoint->base = nvb_xasprintf("https://%s", host_of(endpoint));
        return OUTCOME_FINE;
    }
    if (try_scheme(endpoint, http, is_loopback ? "http" : "https", err))
        return OUTCOME_FINE;
    first = http_get_fault(http);
    if (first == HTTP_UNREACHABLE || first == HTTP_STOPPED)
        return of_fault(endpoint, first);
    if (try_scheme(endpoint, http, is_loopback ? "https" : "http", &second)) {
        nvb_err_clear(err);
        return OUTCOME_FINE;
    }
    if (is_loopback && http_get_fault(http) == HTTP_NO_TRUST) {
        nvb_err_clear(err); /* TLS it is, and that is what is wrong */
        *err = second;
        second = (struct nvb_err){ 0 };
        return OUTCOME_FAILED;
    }
    return of_fault(endpoint, http_get_fault(http) == HTTP_STOPPED ? HTTP_STOPPED : first);
}

static enum outcome start_trip(struct trip *trip, struct nvb_err *err)
{
    struct endpoint *endpoint = trip->endpoint;
    enum outcome outcome = OUTCOME_FINE;

    (void)pthread_mutex_lock(&endpoint->lock);
    outcome = find_base(endpoint, trip->http, err);
    if (outcome == OUTCOME_FINE) {
        trip->url =
            nvb_xasprintf("%s/v2/%s/%s", endpoint->base, endpoint->repository, trip->ask->path);
        trip->authorization = endpoint->authorization ? nvb_xstrdup(endpoint->authorization) : NULL;
    }
    (void)pthread_mutex_unlock(&endpoint->lock);
    return outcome;
}

static bool may_step(const struct trip *trip,
                     const struct http_origin *from,
                     const struct http_origin *to,
                     struct nvb_err *err)
{
    if (to->is_tls ||
        (!from->is_tls && (trip->endpoint->is_insecure || http_host_is_loopback(to->host))))
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "'%s' redirects to '%s' without TLS",
             trip->endpoint->name, to->host);
    return nvb_hint(err, "that is not followed; ask whoever runs the registry");
}

static enum outcome follow(struct trip *trip, struct nvb_err *err)
{
    const struct http_reply *reply = http_get_reply(trip->http);
    auto_origin from = { 0 };
    auto_origin to = { 0 };

    if (++trip->n_hops > HOPS_MAX) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' redirects in circles",
                 trip->endpoint->name);
        nvb_hint(err, "ask whoever runs the registry");
        return OUTCOME_FAILED;
    }
    if (!reply->location || !http_origin_read(trip->url, &from) ||
        !http_origin_read(reply->location, &to)) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' redirects to a strange place",
                 trip->endpoint->name);
        return OUTCOME_FAILED;
    }
    if (!may_step(trip, &from, &to, err))
        return OUTCOME_FAILED;
    /* For good: a way back would let the other host choose what the login is used for. */
    trip->is_abroad = trip->is_abroad || !http_origin_is_same(&from, &to);
    free(trip->url);
    trip->url = nvb_xstrdup(reply->location);
    return OUTCOME_FINE;
}

static enum outcome
of_token(const struct trip *trip, enum token_outcome outcome, struct nvb_err *err)
{
    if (outcome == TOKEN_REFUSED)
        refusal_of_login(err, trip->endpoint, trip->ask);
    if (outcome == TOKEN_STOPPED)
        return OUTCOME_STOPPED;
    return outcome == TOKEN_AGAIN ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

/* The header for a challenge; with the endpoint locked. */
static enum outcome
earn_authorization(struct trip *trip, const struct challenge *challenge, struct nvb_err *err)
{
    struct endpoint *endpoint = trip->endpoint;
    const struct token_ask ask = { .challenge = challenge,
                                   .credential = &endpoint->credential,
                                   .repository = endpoint->repository,
                                   .is_http_allowed = endpoint->is_insecure };
    auto_secret token = NULL;
    enum token_outcome outcome = TOKEN_FINE;

    if (challenge->scheme == CHALLENGE_BASIC) {
        secret_free(endpoint->authorization);
        endpoint->authorization = credential_dup_basic(&endpoint->credential);
        return OUTCOME_FINE;
    }
    if (endpoint->credential.registry_token) {
        token = nvb_xstrdup(endpoint->credential.registry_token);
    } else {
        outcome = token_buy(trip->http, &ask, &token, err);
        if (outcome != TOKEN_FINE)
            return of_token(trip, outcome, err);
    }
    secret_free(endpoint->authorization);
    endpoint->authorization = nvb_xasprintf("Bearer %s", token);
    return OUTCOME_FINE;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Another thread may have bought a new token since this request left. */
static enum outcome renew(struct trip *trip, const struct challenge *challenge, struct nvb_err *err)
{
    struct endpoint *endpoint = trip->endpoint;
    enum outcome outcome = OUTCOME_FINE;

    (void)pthread_mutex_lock(&endpoint->lock);
    if (is_same_text(endpoint->authorization, trip->authorization))
        outcome = earn_authorization(trip, challenge, err);
    if (outcome == OUTCOME_FINE) {
        bool is_news = !is_same_text(endpoint->authorization, trip->authorization);

        secret_free(trip->authorization);
        trip->authorization = endpoint->authorization ? nvb_xstrdup(endpoint->authorization) : NULL;
        if (!is_news) {
            refusal_of_login(err, endpoint, trip->ask);
            outcome = OUTCOME_FAILED;
        }
    }
    (void)pthread_mutex_unlock(&endpoint->lock);
    return outcome;
}

/* Status 401. Only the registry itself may ask for a login, not where it redirects to. */
static enum outcome answer_challenge(struct trip *trip, struct nvb_err *err)
{
    auto_challenge challenge = { 0 };
    enum outcome outcome = OUTCOME_FINE;

    challenge_read(&http_get_reply(trip->http)->challenges, &challenge);
    if (trip->is_abroad || trip->n_answers++ > 0 || challenge.scheme == CHALLENGE_NONE) {
        refusal_of_login(err, trip->endpoint, trip->ask);
        return OUTCOME_FAILED;
    }
    outcome = renew(trip, &challenge, err);
    if (outcome != OUTCOME_FINE)
        return outcome;
    free(trip->url);
    trip->url = nvb_xasprintf("%s/v2/%s/%s", trip->endpoint->base, trip->endpoint->repository,
                              trip->ask->path);
    trip->n_hops = 0;
    return OUTCOME_FINE;
}

static enum outcome send_one(struct trip *trip, struct nvb_err *err)
{
    struct http_request request = {
        .url = trip->url,
        .authorization = trip->is_abroad ? NULL : trip->authorization,
        .accept = trip->ask->accept,
        .from = trip->ask->from,
        .is_head = trip->ask->is_head,
    };

    if (!http_begin(trip->http, &request, err))
        return of_fault(trip->endpoint, http_get_fault(trip->http));
    trip->endpoint->is_reached = true;
    return OUTCOME_FINE;
}

static bool is_redirect(unsigned status)
{
    return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

enum outcome endpoint_ask(struct endpoint *endpoint,
                          struct http *http,
                          const struct ask *ask,
                          unsigned *out_retry_after_s,
                          struct nvb_err *err)
{
    __attribute__((
        cleanup(trip_clear))) struct trip trip = { .endpoint = endpoint, .http = http, .ask = ask };
    enum outcome outcome = start_trip(&trip, err);

    *out_retry_after_s = 0;
    while (outcome == OUTCOME_FINE) {
        unsigned status = 0;

        outcome = send_one(&trip, err);
        if (outcome != OUTCOME_FINE)
            break;
        status = http_get_reply(http)->status;
        if (status == 200 || status == 206)
            break;
        if (is_redirect(status)) {
            outcome = follow(&trip, err);
        } else if (status == 401) {
            outcome = answer_challenge(&trip, err);
        } else {
            *out_retry_after_s = http_get_reply(http)->retry_after_s;
            outcome = refusal_of_status(err, endpoint, ask, http);
        }
    }
    return outcome;
}
