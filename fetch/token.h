/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* token.h - buys a token where a Bearer challenge points to (docker's "token authentication").
 *
 * Without a login the realm gives out tokens for what is public. A login goes to the realm that the
 * registry names: that is the protocol; it is why nobody but the registry itself, over TLS, may
 * name one. */
#pragma once

#include "challenge.h"
#include "credential.h"
#include "http.h"

/* Where the challenge came from, and for what. */
struct token_ask {
    const struct challenge *challenge;   /* borrowed, as the others */
    const struct credential *credential; /* may be empty */
    const char *repository;
    bool is_http_allowed; /* the registry itself was asked without TLS */
};

enum token_outcome {
    TOKEN_FINE = 0,
    TOKEN_AGAIN,   /* may work in a moment */
    TOKEN_REFUSED, /* the login is wrong, or there is none */
    TOKEN_FAILED,
    TOKEN_STOPPED,
};

/* *out_token is a secret. Drops what `http` was reading. */
enum token_outcome
token_buy(struct http *http, const struct token_ask *ask, char **out_token, struct nvb_err *err);

/* The token in a realm's answer; false when there is none that fits a header. */
bool token_read(const char *text, size_t len, char **out_token);
