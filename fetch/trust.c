/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "trust.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum {
    BUNDLE_MAX = 8 << 20,
};

struct trust {
    struct nvb_buf pem;
    pthread_mutex_t lock;
    X509_STORE *store; /* owned; made from pem when it is needed */
};

/* Debian and Arch; Fedora; openSUSE. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
};

static bool add_text(struct trust *trust, const char *path, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, path, BUNDLE_MAX, &text, &len, err))
        return false;
    nvb_buf_add(&trust->pem, text, len);
    nvb_buf_add(&trust->pem, "\n", 1);
    return true;
}

struct trust *trust_new(void)
{
    struct trust *trust = nvb_xcalloc(1, sizeof(*trust));
    const char *wanted = getenv("SSL_CERT_FILE");
    nvb_auto_err ignored = { 0 };

    (void)pthread_mutex_init(&trust->lock, NULL);
    if (wanted && *wanted) {
        (void)add_text(trust, wanted, &ignored);
        return trust;
    }
    for (size_t i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++) {
        nvb_auto_err absent = { 0 };

        if (add_text(trust, bundles[i], &absent))
            break;
    }
    return trust;
}

bool trust_add_file(struct trust *trust, const char *path, struct nvb_err *err)
{
    if (!add_text(trust, path, err))
        return nvb_while(err, "cannot read the certificates in '%s'", path);
    return true;
}

static void add_all(X509_STORE *store, const struct nvb_buf *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
    X509 *certificate = NULL;

    if (!bio)
        abort();
    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        (void)X509_STORE_add_cert(store, certificate); /* one that is there twice is fine */
        X509_free(certificate);
    }
    (void)BIO_free(bio);
}

void trust_give(struct trust *trust, SSL_CTX *context)
{
    (void)pthread_mutex_lock(&trust->lock);
    if (!trust->store) {
        trust->store = X509_STORE_new();
        if (!trust->store)
            abort();
        /* A certificate that the user names is good as it is, also without its issuer. */
        (void)X509_STORE_set_flags(trust->store, X509_V_FLAG_PARTIAL_CHAIN);
        if (trust->pem.len > 0)
            add_all(trust->store, &trust->pem);
    }
    SSL_CTX_set1_cert_store(context, trust->store);
    (void)pthread_mutex_unlock(&trust->lock);
}

void trust_free(struct trust *trust)
{
    if (!trust)
        return;
    X509_STORE_free(trust->store);
    nvb_buf_clear(&trust->pem);
    (void)pthread_mutex_destroy(&trust->lock);
    free(trust);
}
