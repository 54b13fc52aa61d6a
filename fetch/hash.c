/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "hash.h"

#include <openssl/evp.h>
#include <string.h>

struct hash {
    EVP_MD_CTX *context;
};

/* libcrypto fails here only without memory, or without the algorithm itself: either way there is
 * nothing to verify anything with. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

struct hash *hash_new(void)
{
    struct hash *hash = nvb_xcalloc(1, sizeof(*hash));

    hash->context = EVP_MD_CTX_new();
    must(hash->context != NULL);
    must(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
    return hash;
}

void hash_add(struct hash *hash, const void *bytes, size_t len)
{
    must(EVP_DigestUpdate(hash->context, bytes, len));
}

void hash_end(struct hash *hash, char out[NVB_DIGEST_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char *p = out + strlen("sha256:");

    must(EVP_DigestFinal_ex(hash->context, sum, &len));
    memcpy(out, "sha256:", strlen("sha256:"));
    for (unsigned i = 0; i < len; i++) {
        *p++ = digits[sum[i] >> 4];
        *p++ = digits[sum[i] & 15];
    }
    *p = '\0';
}

void hash_free(struct hash *hash)
{
    if (!hash)
        return;
    EVP_MD_CTX_free(hash->context);
    free(hash);
}
