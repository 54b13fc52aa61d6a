/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "credential.h"

#include <openssl/evp.h>
#include <string.h>

enum {
    BASE64_MAX = 64 << 10, /* tokens of some registries have thousands of bytes */
};

bool credential_is_empty(const struct credential *c)
{
    return !c->username && !c->identity_token && !c->registry_token;
}

void secret_free(char *take_text)
{
    if (take_text)
        explicit_bzero(take_text, strlen(take_text));
    free(take_text);
}

void secret_free_fn(char **text)
{
    secret_free(*text);
}

/* Docker pads, others do not; EVP_DecodeBlock() wants whole groups of four, and counts the padding
 * as bytes. */
static char *dup_decoded(const char *base64)
{
    size_t given = strcspn(base64, "=");
    size_t len = (given + 3) / 4 * 4;
    auto_secret padded = NULL;
    char *text = NULL;

    if (len > BASE64_MAX || given % 4 == 1 || base64[given + strspn(base64 + given, "=")])
        return NULL;
    padded = nvb_xcalloc(1, len + 1);
    memset(padded, '=', len);
    memcpy(padded, base64, given);
    text = nvb_xcalloc(1, len + 1);
    if (EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)padded, (int)len) < 0) {
        secret_free(text);
        return NULL;
    }
    text[given * 3 / 4] = '\0';
    if (strlen(text) != given * 3 / 4) { /* a NUL within */
        secret_free(text);
        return NULL;
    }
    return text;
}

bool credential_decode(const char *base64, struct credential *out)
{
    auto_secret text = dup_decoded(base64);
    char *colon = text ? strchr(text, ':') : NULL;

    if (!colon || colon == text)
        return false;
    *colon = '\0';
    if (strcmp(text, "<token>") == 0) {
        out->identity_token = nvb_xstrdup(colon + 1);
    } else {
        out->username = nvb_xstrdup(text);
        out->password = nvb_xstrdup(colon + 1);
    }
    *colon = ':'; /* or only the name would be overwritten */
    return true;
}

char *credential_dup_basic(const struct credential *c)
{
    auto_secret pair = NULL;
    auto_secret base64 = NULL;
    size_t len = 0;

    if (!c->username || !c->password)
        return NULL;
    pair = nvb_xasprintf("%s:%s", c->username, c->password);
    len = strlen(pair);
    base64 = nvb_xcalloc(1, (len + 2) / 3 * 4 + 1);
    (void)EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)pair, (int)len);
    return nvb_xasprintf("Basic %s", base64);
}

void credential_clear(struct credential *c)
{
    secret_free(c->username);
    secret_free(c->password);
    secret_free(c->identity_token);
    secret_free(c->registry_token);
    *c = (struct credential){ 0 };
}
