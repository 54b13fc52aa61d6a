/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* challenge.h - how a registry wants to be asked: the WWW-Authenticate header (RFC 9110, 11.6.1).
 *
 * One header may hold several challenges, and a reply several headers; what we can answer is
 * Bearer (a token from `realm`) and Basic, in this order. Anything else is passed over. */
#pragma once

#include "base/text.h"

enum challenge_scheme {
    CHALLENGE_NONE = 0,
    CHALLENGE_BASIC,
    CHALLENGE_BEARER,
};

struct challenge {
    enum challenge_scheme scheme;
    char *realm;   /* owned; all four are of Bearer, and NULL when absent */
    char *service; /* owned */
    char *scope;   /* owned */
    char *error;   /* owned; "insufficient_scope": the token is right and does not reach */
};

/* The best challenge of the headers' values; CHALLENGE_NONE when there is none that we can answer,
 * a Bearer without a realm included. */
void challenge_read(const struct nvb_strv *headers, struct challenge *out);
void challenge_clear(struct challenge *challenge);
#define auto_challenge __attribute__((cleanup(challenge_clear))) struct challenge
