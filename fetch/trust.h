/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* trust.h - whose certificates are good: the system's authorities, and a registry's own.
 *
 * The files are read before the jail closes. Parsing 150 certificates takes OpenSSL some 30 ms, so
 * it is done once for all connections, and only when the first of them speaks TLS. */
#pragma once

#include <openssl/ssl.h>

#include "base/text.h"

struct trust;

/* The system's bundle: SSL_CERT_FILE, or where distributions keep it. None at all is no error yet:
 * a registry on loopback needs none. */
struct trust *trust_new(void);
void trust_free(struct trust *trust);
NVB_DEFINE_AUTOPTR(trust, trust_free)

/* One more file of certificates, as PEM. */
bool trust_add_file(struct trust *trust, const char *path, struct nvb_err *err);

/* To a connection that is about to begin; from any thread. */
void trust_give(struct trust *trust, SSL_CTX *context);
