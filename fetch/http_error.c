/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "http_error.h"

#include <errno.h>
#include <openssl/x509.h>
#include <string.h>

/* A timeout before the connection stands is one of reaching it. */
static bool has_connection(CURL *easy)
{
    curl_off_t us = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &us);
    return us > 0;
}

enum http_fault http_error_fault(CURL *easy, CURLcode result)
{
    switch ((int)result) { /* the rest are many */
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return HTTP_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return has_connection(easy) ? HTTP_LOST : HTTP_UNREACHABLE;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return HTTP_LOST;
    case CURLE_SSL_CONNECT_ERROR:
        return HTTP_NO_TLS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_NO_TRUST;
    default:
        return HTTP_STRANGE;
    }
}

static bool set_unreachable(struct nvb_err *err, CURL *easy, CURLcode result, const char *host)
{
    long e = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &e);
    if (result == CURLE_COULDNT_RESOLVE_HOST) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no address for '%s'", host);
        return nvb_hint(err, "is the name right, and is there a network? /etc/resolv.conf says who "
                             "is asked");
    }
    if (result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_PROXY) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "the proxy on the way to '%s' cannot be used", host);
        return nvb_hint(err, "look at the variables https_proxy, http_proxy and no_proxy");
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' does not answer", host);
        return nvb_hint(err, "is there a network, and does a firewall or a proxy stand between?");
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "cannot connect to '%s': %s", host,
             e ? strerror((int)e) : "nobody there"); // NOLINT(concurrency-mt-unsafe)
    if (e == ENETUNREACH || e == EHOSTUNREACH)
        return nvb_hint(err, "there is no route to it: is the network up?");
    return nvb_hint(err, "is the registry running, and is the port right?");
}

static bool set_no_trust(struct nvb_err *err, CURL *easy, const char *host)
{
    long verdict = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    nvb_fail(
        err, NVB_D_IMAGE, NVB_E_DENIED, "the certificate of '%s' is not to be trusted: %s", host,
        verdict == X509_V_OK ? "it is for another name" : X509_verify_cert_error_string(verdict));
    if (verdict == X509_V_ERR_CERT_NOT_YET_VALID || verdict == X509_V_ERR_CERT_HAS_EXPIRED)
        return nvb_hint(err, "is this machine's clock right?");
    return nvb_hint(err,
                    "if that registry is yours, name its authority's certificate in the "
                    "configuration: [registries.\"%s\"] ca = \"/path/ca.crt\"",
                    host);
}

bool http_error_set(struct nvb_err *err,
                    enum http_fault fault,
                    CURL *easy,
                    CURLcode result,
                    const char *host)
{
    switch (fault) {
    case HTTP_UNREACHABLE:
        return set_unreachable(err, easy, result, host);
    case HTTP_NO_TRUST:
        return set_no_trust(err, easy, host);
    case HTTP_NO_TLS:
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "'%s' does not speak TLS", host);
        return nvb_hint(err,
                        "if it is a registry without, and you trust the network to it, allow that "
                        "in the configuration: [registries.\"%s\"] insecure = true",
                        host);
    case HTTP_LOST:
        nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' closed the connection", host);
        return nvb_hint(err, "try again; what was downloaded of a large layer is kept");
    case HTTP_FINE:
    case HTTP_STOPPED:
    case HTTP_STRANGE:
        break;
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' answers with something that is no HTTP (%s)",
             host, curl_easy_strerror(result));
    return nvb_hint(err, "is it a registry?");
}
