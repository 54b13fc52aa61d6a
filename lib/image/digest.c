/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/digest.h"

#include <string.h>

#include "base/sha256.h"

enum {
    PREFIX = sizeof("sha256:") - 1,
    QUOTE_MAX = 100, /* how much of a wrong one an error repeats */
};

bool nvb_digest_is_valid(const char *text)
{
    return strlen(text) == PREFIX + NVB_DIGEST_HEX && nvb_has_prefix(text, "sha256:") &&
           strspn(text + PREFIX, "0123456789abcdef") == NVB_DIGEST_HEX;
}

bool nvb_digest_check(const char *text, const char *what, struct nvb_err *err)
{
    if (nvb_digest_is_valid(text))
        return true;
    if (nvb_has_prefix(text, "sha512:") || nvb_has_prefix(text, "sha384:")) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED,
                        "%s is made with %.6s; nvbind knows sha256 only", what, text);
    }
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                    "%s is '%.*s', not \"sha256:\" and 64 small hexadecimal digits", what,
                    QUOTE_MAX, text);
}

const char *nvb_digest_hex(const char *digest)
{
    return digest + PREFIX;
}

void nvb_digest_of(const void *data, size_t len, char out[NVB_DIGEST_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[NVB_SHA256_SIZE];
    char *p = out + PREFIX;

    nvb_sha256(data, len, sum);
    memcpy(out, "sha256:", PREFIX);
    for (size_t i = 0; i < sizeof(sum); i++) {
        *p++ = digits[sum[i] >> 4];
        *p++ = digits[sum[i] & 15];
    }
    *p = '\0';
}

void nvb_digest_chain(const char *parent, const char *diff_id, char out[NVB_DIGEST_SIZE])
{
    nvb_autofree char *text = NULL;

    if (!parent) {
        memmove(out, diff_id, NVB_DIGEST_SIZE);
        return;
    }
    text = nvb_xasprintf("%s %s", parent, diff_id);
    nvb_digest_of(text, strlen(text), out);
}
