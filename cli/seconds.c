/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "seconds.h"

enum {
    SECONDS_MAX = 1000000,
};

bool seconds_parse(const char *text, const char *option, unsigned *out, struct nvb_err *err)
{
    uint64_t number = 0;

    if (!text)
        return true;
    if (!nvb_parse_u64(text, SECONDS_MAX, &number)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s '%s' is not a number of seconds", option,
                 text);
        return nvb_hint(err, "write a number from 0 to %d", SECONDS_MAX);
    }
    *out = (unsigned)number;
    return true;
}
