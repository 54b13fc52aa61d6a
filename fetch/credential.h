/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* credential.h - who we are to a registry: a secret in memory.
 *
 * Never printed, logged or passed on a command line; clearing overwrites it. */
#pragma once

#include "base/text.h"

struct credential {
    char *username;       /* owned, as the others; NULL when absent */
    char *password;       /* with username */
    char *identity_token; /* of a login through OAuth 2: bought for tokens at the realm */
    char *registry_token; /* a token as it is */
};

bool credential_is_empty(const struct credential *credential);

/* From base64 of "USER:PASSWORD", as in auth files; a user "<token>" has an identity token. False
 * when it is no such thing. */
bool credential_decode(const char *base64, struct credential *out);

/* "Basic ..." for the header; NULL without a name. A secret. */
char *credential_dup_basic(const struct credential *credential);

void credential_clear(struct credential *credential);
#define auto_credential __attribute__((cleanup(credential_clear))) struct credential

/* Overwrite, then free; NULL is fine. */
void secret_free(char *take_text);
void secret_free_fn(char **text);
#define auto_secret __attribute__((cleanup(secret_free_fn))) char *
