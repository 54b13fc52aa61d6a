/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_challenge.c - what is read from a WWW-Authenticate header reads the same when it is written
 * out again. */
#include <stdint.h>
#include <string.h>

#include "challenge.h"
#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_quoted(struct nvb_buf *to, const char *name, const char *value)
{
    if (!value)
        return;
    nvb_buf_addf(to, ",%s=\"", name);
    for (const char *p = value; *p; p++) {
        if (strchr("\"\\", *p))
            nvb_buf_add(to, "\\", 1);
        nvb_buf_add(to, p, 1);
    }
    nvb_buf_add_str(to, "\"");
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xstrndup((const char *)data, size);
    nvb_auto_strv header = { 0 };
    nvb_auto_strv written = { 0 };
    nvb_auto_buf out = { 0 };
    auto_challenge first = { 0 };
    auto_challenge second = { 0 };
    auto_secret token = NULL;

    (void)token_read((const char *)data, size, &token);
    nvb_strv_add(&header, text);
    challenge_read(&header, &first);
    if (first.scheme == CHALLENGE_NONE && (first.realm || first.service || first.scope))
        abort();
    if (first.scheme != CHALLENGE_BEARER)
        return 0;
    nvb_buf_add_str(&out, "Bearer x=y");
    add_quoted(&out, "realm", first.realm);
    add_quoted(&out, "service", first.service);
    add_quoted(&out, "scope", first.scope);
    if (out.len > 8192)
        return 0; /* longer than one that is read */
    nvb_strv_add(&written, out.data);
    challenge_read(&written, &second);
    if (second.scheme != CHALLENGE_BEARER || !is_same(first.realm, second.realm) ||
        !is_same(first.service, second.service) || !is_same(first.scope, second.scope))
        abort();
    return 0;
}
